// Calls that a server refuses because of the state it is in, through PocketBase's own SDK, unchanged: each has to come as
// the SDK's own error with the contract's status and data. Fails at the first surprise.
// Usage: node pocketbase-errors.mjs ADDRESS EMAIL PASSWORD OPERATOR_TOKEN (busy | without-storage)
import assert from 'node:assert/strict';
import PocketBase, { ClientResponseError } from 'pocketbase';

const [address, email, password, operatorToken, state] = process.argv.slice(2);
const BUSY = 'Try again later - another backup/restore process has already been started.';
const NO_FILESYSTEM = 'Failed to load backups filesystem.';
const NEEDED = 'The request requires valid record authorization token.';

async function refused(status, message, data, call) {
    const error = await call.then(
        (value) => assert.fail(`expected ${status} ${message}, got ${JSON.stringify(value)}`),
        (reason) => reason,
    );
    assert.ok(error instanceof ClientResponseError, String(error));
    assert.deepEqual([error.status, error.response], [status, { data, message, status }]);
    assert.equal(error.name, `ClientResponseError ${status}`);
    assert.equal(error.message, message);
    assert.ok(!error.isAbort);
}

async function until(canBackup) {
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
        if ((await pb.health.check({ requestKey: null })).data.canBackup === canBackup) {
            return;
        }
    }
    assert.fail(`canBackup does not become ${canBackup}`);
}

async function busy() {
    // Nobody, and somebody else, where the table of the calls has no row for all of them.
    const guest = new PocketBase(address);
    await refused(401, NEEDED, {}, guest.files.getToken());
    await refused(401, NEEDED, {}, guest.collection('_superusers').authRefresh());
    await refused(401, NEEDED, {}, guest.collection('_superusers').impersonate('x', 1));
    await refused(401, NEEDED, {}, guest.crons.run('__pbAutoBackup__'));
    guest.authStore.save(operatorToken, null);
    await refused(403, 'The request requires auth record from _superusers collection.', {},
        guest.collection('_superusers').authRefresh());
    await refused(403, 'The authorized record is not allowed to perform this action.', {},
        guest.crons.run('__pbAutoBackup__'));
    await refused(404, "The requested resource wasn't found.", {}, pb.send('/api/nothing', { method: 'GET' }));
    await refused(404, "The requested resource wasn't found.", {}, pb.send('/api/backups', { method: 'PUT' }));
    await refused(400, 'An error occurred while loading the submitted data.', {},
        pb.send('/api/backups', { method: 'POST', body: { name: 5 } }));
    const length = {
        code: 'validation_length_out_of_range',
        message: 'The length must be between 1 and 255.',
        params: { max: 255, min: 1 },
    };
    await refused(400, 'An error occurred while validating the submitted data.', { identity: length, password: length },
        pb.collection('_superusers').authWithPassword('x'.repeat(256), 'x'.repeat(256)));

    // Every schedule that PocketBase takes, and what it does not.
    for (const cron of ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly', '* * * * *',
        '*/5 0-6 1,15 */2 1-5', '0-59/30 * * * 0,6', '0 0 13 * 5', '*/59 */23 */31 */12 */6', '']) {
        const saved = await pb.settings.update({ backups: { cron, cronMaxKeep: 3 } });
        assert.equal(saved.backups.cron, cron);
        assert.equal((await pb.settings.getAll()).backups.cron, cron);
    }
    await until(true); // a minute of one of them may have come meanwhile
    const blank = { code: 'validation_required', message: 'Cannot be blank.' };
    await refused(400, 'An error occurred while saving the new settings.', { backups: { s3: { secret: blank } } },
        pb.settings.update({ backups: { s3: {
            enabled: true, bucket: 'b', region: 'r', endpoint: 'e.example', accessKey: 'k',
        } } }));
    await refused(400, 'Failed to test the S3 filesystem.', { filesystem: blank }, pb.settings.testS3(''));

    await refused(413, 'Request entity too large.', {}, pb.settings.update({ meta: { appName: 'x'.repeat(11 << 20) } }));

    assert.equal(await pb.backups.create('kept.zip'), true);
    const running = pb.backups.create('running.zip', { requestKey: null });
    await until(false);
    await refused(400, BUSY, {}, pb.backups.create('other.zip'));
    await refused(400, BUSY, {}, pb.backups.restore('kept.zip'));
    await refused(400, 'The backup is currently being used and cannot be deleted.', {}, pb.backups.delete('running.zip'));
    assert.equal(await running, true);

    // A client that thinks better of it stops nothing.
    const left = pb.backups.create('left.zip', { requestKey: 'left' });
    await until(false);
    pb.cancelRequest('left');
    const aborted = await left.catch((reason) => reason);
    assert.ok(aborted instanceof ClientResponseError && aborted.isAbort && aborted.status === 0);
    await until(true);
    const keys = (await pb.backups.getFullList()).map((it) => it.key);
    assert.deepEqual(keys.filter((it) => !it.startsWith('@auto_pb_backup_')), ['kept.zip', 'left.zip', 'running.zip']);
}

async function withoutStorage() {
    await refused(400, NO_FILESYSTEM, {}, pb.backups.getFullList());
    await refused(500, NO_FILESYSTEM, {}, pb.backups.delete('kept.zip'));
    await refused(500, NO_FILESYSTEM, {}, pb.backups.restore('kept.zip'));
    await refused(400, 'Failed to create backup.', {}, pb.backups.create('other.zip'));
    await refused(400, 'Failed to create backup.', {}, pb.backups.create());
    await refused(400, 'Failed to upload backup.', {},
        pb.backups.upload({ file: new File(['PK\u0003\u0004'], 'other.zip') }));
    const answer = await fetch(pb.backups.getDownloadURL(await pb.files.getToken(), 'kept.zip'));
    assert.deepEqual([answer.status, await answer.json()], [500, { data: {}, message: NO_FILESYSTEM, status: 500 }]);

    // Last of all, for nobody can sign in from here for a while.
    const guesses = new PocketBase(address).collection('_superusers');
    for (let i = 0; i < 5; i++) {
        await refused(400, 'Failed to authenticate.', {}, guesses.authWithPassword('guessed@example.com', 'a guess'));
    }
    await refused(429, 'Too Many Requests.', {}, guesses.authWithPassword('guessed@example.com', 'a guess'));
}

const pb = new PocketBase(address);
await pb.collection('_superusers').authWithPassword(email, password);
await { busy, 'without-storage': withoutStorage }[state]();
