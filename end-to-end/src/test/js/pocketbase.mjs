// Drives a server with PocketBase's own SDK, unchanged, as a script of its users does. Fails at the first surprise.
// Usage: node pocketbase.mjs ADDRESS EMAIL PASSWORD OPERATOR_TOKEN
import assert from 'node:assert/strict';
import PocketBase, { ClientResponseError } from 'pocketbase';

const [address, email, password, operatorToken] = process.argv.slice(2);
const BUSY = 'Try again later - another backup/restore process has already been started.';

async function refused(status, message, data, call) {
    const error = await call.then(
        (value) => assert.fail(`expected ${status} ${message}, got ${JSON.stringify(value)}`),
        (reason) => reason,
    );
    assert.ok(error instanceof ClientResponseError, String(error));
    assert.equal(error.status, status, JSON.stringify(error.response));
    assert.equal(error.response.status, status);
    if (message instanceof RegExp) {
        assert.match(error.response.message, message);
    } else {
        assert.equal(error.response.message, message);
    }
    assert.deepEqual(
        Object.fromEntries(Object.entries(error.response.data).map(([field, it]) => [field, it.code])),
        data,
    );
    return error;
}

async function idle() {
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
        if ((await pb.health.check({ requestKey: null })).data.canBackup) {
            return;
        }
    }
    assert.fail('an operation does not end');
}

async function download(key) {
    const token = await pb.files.getToken();
    return fetch(pb.backups.getDownloadURL(token, key));
}

const keys = async () => (await pb.backups.getFullList()).map((it) => it.key);

const pb = new PocketBase(address);
assert.deepEqual(await pb.health.check(), { message: 'API is healthy.', code: 200, data: {} });

// Nobody, and somebody else.
const needed = 'The request requires valid record authorization token.';
const forbidden = 'The authorized record is not allowed to perform this action.';
for (const [status, message, token] of [[401, needed, ''], [401, needed, 'e30.e30.x'], [403, forbidden, operatorToken]]) {
    const other = new PocketBase(address);
    other.authStore.save(token, null);
    await refused(status, message, {}, other.backups.getFullList());
    await refused(status, message, {}, other.backups.create('x.zip'));
    await refused(status, message, {}, other.backups.upload({ file: new Blob(['x']) }));
    await refused(status, message, {}, other.backups.restore('x.zip'));
    await refused(status, message, {}, other.backups.delete('x.zip'));
    await refused(status, message, {}, other.settings.getAll());
    await refused(status, message, {}, other.settings.update({}));
    await refused(status, message, {}, other.settings.testS3('backups'));
    await refused(status, message, {}, other.crons.getFullList());
}

// Sign-in.
const superusers = pb.collection('_superusers');
await refused(400, 'Failed to authenticate.', {}, superusers.authWithPassword(email, 'not the password'));
await refused(400, 'Failed to authenticate.', {}, superusers.authWithPassword('nobody@example.com', password));
await refused(400, 'An error occurred while validating the submitted data.',
    { identity: 'validation_required', password: 'validation_required' }, superusers.authWithPassword('', ''));
await refused(404, 'Missing or invalid auth collection context.', {},
    pb.collection('users').authWithPassword(email, password));
const signedIn = await superusers.authWithPassword(email, password);
assert.equal(signedIn.record.email, email);
assert.equal(signedIn.record.collectionName, '_superusers');
assert.ok(pb.authStore.isValid && pb.authStore.isSuperuser);
await superusers.authRefresh();
assert.ok(pb.authStore.isValid && pb.authStore.isSuperuser);
const long = await superusers.impersonate(pb.authStore.record.id, 3600);
assert.ok(long.authStore.isValid && long.authStore.isSuperuser);
assert.deepEqual(await long.backups.getFullList(), []);
const health = await pb.health.check();
assert.deepEqual([health.data.canBackup, health.data.possibleProxyHeader], [true, '']);

// Create.
const validation = 'An error occurred while validating the submitted data.';
assert.equal(await pb.backups.create('first.zip'), true);
assert.equal(await pb.backups.create(''), true);
assert.equal(await pb.backups.create(), true);
await refused(400, validation, { name: 'validation_match_invalid' }, pb.backups.create('my_backup'));
await refused(400, validation, { name: 'validation_match_invalid' }, pb.backups.create('My.zip'));
await refused(400, validation, { name: 'validation_length_out_of_range' }, pb.backups.create('x'.repeat(147) + '.zip'));
const taken = await refused(400, validation, { name: 'validation_backup_name_exists' }, pb.backups.create('first.zip'));
assert.equal(taken.response.data.name.message, 'The backup file name is invalid or already exists.');
const list = await pb.backups.getFullList();
assert.equal(list.length, 3);
assert.deepEqual(list.map((it) => it.key), list.map((it) => it.key).sort());
assert.equal(list[0].key, 'first.zip');
assert.match(list[1].key, /^pb_backup_app_\d{14}(_\d+)?\.zip$/);
assert.match(list[0].modified, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/);
assert.ok(Number.isInteger(list[0].size));
assert.deepEqual(Object.keys((await pb.backups.getFullList({ fields: 'key,size' }))[0]).sort(), ['key', 'size']);

// Download.
const answer = await download('first.zip');
assert.equal(answer.status, 200);
assert.equal(answer.headers.get('content-disposition'), 'attachment; filename=first.zip');
const bytes = await answer.arrayBuffer();
assert.equal(bytes.byteLength, list[0].size);
assert.equal((await fetch(pb.backups.getDownloadURL('e30', 'first.zip'))).status, 403);
assert.equal((await fetch(pb.backups.getDownloadURL(pb.authStore.token, 'first.zip'))).status, 403);
assert.equal((await download('missing.zip')).status, 404);

// Upload, of a Blob and of a File, whose names become the keys.
assert.equal(await pb.backups.upload({ file: new Blob([bytes]) }), true);
assert.equal(await pb.backups.upload({ file: new File([bytes], '@test 4 ü.zip') }), true);
assert.ok((await keys()).includes('blob'));
assert.ok((await keys()).includes('@test 4 ü.zip'));
assert.deepEqual(new Uint8Array(await (await download('@test 4 ü.zip')).arrayBuffer()), new Uint8Array(bytes));
await refused(400, validation, { file: 'validation_backup_name_exists' },
    pb.backups.upload({ file: new File([bytes], 'first.zip') }));
const text = await refused(400, validation, { file: 'validation_invalid_mime_type' },
    pb.backups.upload({ file: new File(['no zip at all'], 'notes.txt') }));
assert.match(text.response.data.file.message, /^"notes_[0-9a-z]{10}\.txt" mime type must be one of: application\/zip\.$/);
await refused(400, validation, { file: 'validation_invalid_backup' },
    pb.backups.upload({ file: new File([bytes.slice(0, bytes.byteLength - 30)], 'cut.zip') }));
await refused(400, validation, { file: 'validation_required' }, pb.backups.upload({ other: new Blob([bytes]) }));

// Restore.
await refused(400, 'Missing or invalid backup file.', {}, pb.backups.restore('missing.zip'));
const both = await Promise.allSettled([
    pb.backups.restore('@test 4 ü.zip', { requestKey: null }),
    pb.backups.restore('@test 4 ü.zip', { requestKey: null }),
]);
assert.ok(both.some((it) => it.value === true));
for (const lost of both.filter((it) => it.status === 'rejected')) {
    assert.equal(lost.reason.response.message, BUSY);
}
await idle();
const outcome = (await pb.health.check()).data.lastRestore;
assert.deepEqual([outcome.key, outcome.state, outcome.error], ['@test 4 ü.zip', 'succeeded', '']);

// Delete.
assert.equal(await pb.backups.delete('@test 4 ü.zip'), true);
assert.ok(!(await keys()).includes('@test 4 ü.zip'));
await refused(400, /^Invalid or already deleted backup file\. Raw error: \n/, {}, pb.backups.delete('@test 4 ü.zip'));

// Settings.
const all = await pb.settings.getAll();
assert.deepEqual([all.backups.cron, all.backups.cronMaxKeep, 'secret' in all.backups.s3], ['', 3, false]);
// An hour that does not come while this runs.
const daily = `0 ${(new Date().getUTCHours() + 12) % 24} * * *`;
const updated = await pb.settings.update({ backups: { cron: daily, cronMaxKeep: 7 }, meta: { appName: 'Shop' } });
assert.deepEqual([updated.backups.cron, updated.backups.cronMaxKeep, updated.meta.appName], [daily, 7, 'Shop']);
const wrongCron = await refused(400, 'An error occurred while saving the new settings.', { backups: undefined },
    pb.settings.update({ backups: { cron: 'every day' } }));
assert.equal(wrongCron.response.data.backups.cron.code, 'validation_invalid_cron');
await refused(400, 'Failed to test the S3 filesystem. Raw error: \nS3 storage filesystem is not enabled.', {},
    pb.settings.testS3('backups'));
await refused(400, 'Failed to test the S3 filesystem.', { filesystem: 'validation_in_invalid' },
    pb.settings.testS3('elsewhere'));
assert.deepEqual(await pb.crons.getFullList(), [{ id: '__pbAutoBackup__', expression: daily }]);
assert.equal(await pb.crons.run('__pbAutoBackup__'), true);
await idle();
assert.ok((await keys())[0].startsWith('@auto_pb_backup_app_'), String(await keys()));
await refused(404, 'Missing or invalid cron job.', {}, pb.crons.run('other'));

// Another password ends what was given for the one before; the test changes it when it reads this line.
console.log('done');
