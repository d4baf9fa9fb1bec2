// Backs up, watches, lists, downloads, restores. Usage: node example.js HOST:PORT PROTO_DIRECTORY FILE
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { promisify } from 'node:util';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const [address, protos, file] = process.argv.slice(2);

const { holdfast } = grpc.loadPackageDefinition(
    protoLoader.loadSync(['holdfast/v1/backup_service.proto', 'holdfast/v1/operation_service.proto'], {
        includeDirs: [protos],
        keepCase: true,
        longs: Number, // exact up to 8 PiB
        enums: String,
        defaults: true,
        oneofs: true,
    }),
);
const credentials = grpc.credentials.createInsecure(); // createSsl() for a server with TLS
const backups = new holdfast.v1.BackupService(address, credentials);
const operations = new holdfast.v1.OperationService(address, credentials);

const metadata = new grpc.Metadata();
if (process.env.HOLDFAST_TOKEN) {
    metadata.set('authorization', `Bearer ${process.env.HOLDFAST_TOKEN}`);
}

/** A unary call as a promise, with a deadline. */
function call(client, method, request) {
    const options = { deadline: Date.now() + 60_000 };
    return promisify(client[method].bind(client))(request, metadata, options);
}

/** Starts a backup, follows it to its end. */
async function backUp(database) {
    const { operation } = await call(backups, 'CreateBackup', {
        database,
        wait: 'WAIT_MODE_RETURN_AT_ONCE',
        request_id: randomUUID(), // the same id again, after a broken connection, starts no second backup
    });
    let last = operation;
    for await (const { operation: now } of operations.WatchOperation({ id: operation.id }, metadata)) {
        console.log(`${now.phase} ${now.progress.bytes_done} of ${now.progress.bytes_total} bytes`);
        last = now;
    }
    if (last.state !== 'OPERATION_STATE_SUCCEEDED') {
        throw new Error(`${last.state}: ${last.error?.detail}`);
    }
    return last.result.backup;
}

/** Downloads into a file; where the stream breaks off, it goes on behind the last byte. */
async function download(database, filename, target) {
    const digest = createHash('sha256');
    const out = createWriteStream(target);
    let header;
    let done = 0;
    for (let failures = 0; header === undefined || done < header.size; ) {
        try {
            const request = { database, filename, offset: done, etag: header?.etag ?? '' };
            for await (const part of backups.DownloadBackup(request, metadata)) {
                header ??= part.header;
                if (part.chunk) {
                    digest.update(part.chunk);
                    done += part.chunk.length;
                    if (!out.write(part.chunk)) {
                        await once(out, 'drain');
                    }
                }
            }
        } catch (e) {
            if (e.code !== grpc.status.UNAVAILABLE || ++failures === 5) {
                throw e;
            }
        }
    }
    out.end();
    await once(out, 'finish');
    if (header.sha256 && digest.digest('hex') !== header.sha256) {
        throw new Error(`${target} is not what the server has`);
    }
    return header;
}

try {
    const backup = await backUp('default');
    const { backups: newest } = await call(backups, 'ListBackups', { database: 'default', page_size: 10 });
    console.log(newest.map((it) => `${it.filename} ${it.size}`).join('\n'));
    await download('default', backup.filename, file);
    const { restored } = await call(backups, 'RestoreBackup', { database: 'default', filename: backup.filename });
    console.log(`restored ${restored.restored_from}; what was there is in ${restored.safety_backup}`);
} finally {
    backups.close();
    operations.close();
}
