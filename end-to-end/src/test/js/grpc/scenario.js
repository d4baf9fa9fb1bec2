// What a client does with the server, wherever it has its services from.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import grpc from '@grpc/grpc-js';

const MOST_SECONDS = 60;

/**
 * @param services constructors of the clients
 * @param older a backup of "default" that is to be restored
 * @param file where the download goes
 *
 * The database "locked" cannot be read meanwhile.
 */
export async function run(services, address, older, file) {
    const clients = ['BackupService', 'OperationService', 'DatabaseService'].map(
        (name) => new services[name](address, grpc.credentials.createInsecure()),
    );
    const [backups, operations, databases] = clients;
    try {
        await listsDatabases(databases);
        const made = await createsAndWatches(backups, operations);
        await lists(backups, [made.filename, older]);
        await downloadsAfterABreak(backups, made, file);
        await restores(backups, older);
        await cancels(backups, operations);
        await isRefused(backups);
    } finally {
        clients.forEach((it) => it.close());
    }
    console.log('done');
}

function call(client, method, request) {
    return promisify(client[method].bind(client))(request, { deadline: Date.now() + MOST_SECONDS * 1000 });
}

function stream(client, method, request) {
    return client[method](request, { deadline: Date.now() + MOST_SECONDS * 1000 });
}

async function listsDatabases(databases) {
    const answer = await call(databases, 'ListDatabases', {});
    assert.deepEqual(
        answer.databases.map((it) => it.name),
        ['default', 'locked'],
    );
    assert.equal(answer.databases[0].profile, 'PROFILE_NATIVE');
}

async function createsAndWatches(backups, operations) {
    const { outcome, operation } = await call(backups, 'CreateBackup', {
        database: 'default',
        wait: 'WAIT_MODE_RETURN_AT_ONCE',
        request_id: 'from-node',
    });
    assert.equal(outcome, 'operation');
    const told = [];
    for await (const it of stream(operations, 'WatchOperation', { id: operation.id })) {
        told.push(it.operation);
    }
    const revisions = told.map((it) => it.revision);
    assert.deepEqual(revisions, [...new Set(revisions)].sort((a, b) => a - b));
    const last = told.at(-1);
    assert.equal(last.state, 'OPERATION_STATE_SUCCEEDED');
    assert.equal(last.result.result, 'backup');
    assert.match(last.result.backup.sha256, /^[0-9a-f]{64}$/);

    const again = await call(backups, 'CreateBackup', { database: 'default', request_id: 'from-node' });
    assert.equal(again.backup.filename, last.result.backup.filename);
    return last.result.backup;
}

async function lists(backups, expected) {
    const found = [];
    let page_token = '';
    for (const _ of expected) {
        const page = await call(backups, 'ListBackups', { database: 'default', page_size: 1, page_token });
        assert.equal(page.backups.length, 1);
        found.push(page.backups[0].filename);
        page_token = page.next_page_token;
    }
    assert.equal(page_token, '');
    assert.deepEqual(found, expected);
}

/** Breaks off after a few chunks, goes on from there; the whole has the digest that the server says. */
async function downloadsAfterABreak(backups, backup, file) {
    const request = { database: 'default', filename: backup.filename };
    const first = await read(stream(backups, 'DownloadBackup', request), 3);
    assert.equal(first.header.size, backup.size);
    assert.equal(first.header.offset, 0);
    assert.ok(first.bytes.length > 0 && first.bytes.length < backup.size);

    const rest = await read(
        stream(backups, 'DownloadBackup', { ...request, offset: first.bytes.length, etag: first.header.etag }),
    );
    assert.equal(rest.header.offset, first.bytes.length);
    assert.equal(rest.header.sha256, backup.sha256);

    const whole = Buffer.concat([first.bytes, rest.bytes]);
    assert.equal(whole.length, backup.size);
    assert.equal(createHash('sha256').update(whole).digest('hex'), backup.sha256);
    writeFileSync(file, whole);

    const other = stream(backups, 'DownloadBackup', { ...request, offset: 1, etag: 'of something else' });
    await assert.rejects(read(other), refusal(grpc.status.ABORTED, 'PRECONDITION_FAILED'));
}

/** @param most chunks; after them the client hangs up */
async function read(download, most = Infinity) {
    let header;
    const chunks = [];
    try {
        for await (const part of download) {
            if (part.payload === 'header') {
                assert.equal(header, undefined);
                header = part.header;
            } else {
                assert.ok(header);
                assert.ok(part.chunk.length <= 65_536);
                chunks.push(part.chunk);
            }
            if (chunks.length === most) {
                download.cancel();
                break;
            }
        }
    } catch (e) {
        if (e.code !== grpc.status.CANCELLED || chunks.length < most) {
            throw e;
        }
    }
    return { header, bytes: Buffer.concat(chunks) };
}

async function restores(backups, filename) {
    const { outcome, restored } = await call(backups, 'RestoreBackup', { database: 'default', filename });
    assert.equal(outcome, 'restored');
    assert.equal(restored.restored_from, filename);
    const safety = await call(backups, 'GetBackup', { database: 'default', filename: restored.safety_backup });
    assert.equal(safety.backup.origin, 'ORIGIN_SAFETY');
}

async function cancels(backups, operations) {
    const { operation } = await call(backups, 'CreateBackup', {
        database: 'locked',
        wait: 'WAIT_MODE_RETURN_AT_ONCE',
    });
    assert.equal(operation.state, 'OPERATION_STATE_RUNNING');
    let last = operation;
    let asked = false;
    for await (const it of stream(operations, 'WatchOperation', { id: operation.id })) {
        last = it.operation;
        if (!asked) {
            asked = true;
            await call(operations, 'CancelOperation', { id: operation.id });
        }
    }
    assert.equal(last.state, 'OPERATION_STATE_CANCELLED');
    assert.equal(last.cancel_requested, true);
}

async function isRefused(backups) {
    const request = { database: 'default', filename: 'app_19990101_000000.db' };
    await assert.rejects(call(backups, 'GetBackup', request), refusal(grpc.status.NOT_FOUND, 'BACKUP_NOT_FOUND'));
}

/** The reason is in google.rpc.ErrorInfo, which is part of the trailing metadata. */
function refusal(code, reason) {
    return (e) => {
        assert.equal(e.code, code, e.message);
        assert.ok(e.metadata.get('grpc-status-details-bin')[0].includes(reason));
        return true;
    };
}
