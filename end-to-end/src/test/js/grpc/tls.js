// Backs up over TLS. Usage: node tls.js HOST:PORT PROTO_DIRECTORY AUTHORITIES.pem [CERTIFICATE.pem KEY.pem]
import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const [address, protos, authorities, certificate, key] = process.argv.slice(2);

const { holdfast } = grpc.loadPackageDefinition(
    protoLoader.loadSync('holdfast/v1/backup_service.proto', { includeDirs: [protos], keepCase: true }),
);
const credentials = grpc.credentials.createSsl(
    readFileSync(authorities), // without it, those that Node knows are trusted
    key && readFileSync(key), // for a server that lets in only clients with a certificate
    certificate && readFileSync(certificate),
);
const metadata = new grpc.Metadata();
if (process.env.HOLDFAST_TOKEN) {
    metadata.set('authorization', `Bearer ${process.env.HOLDFAST_TOKEN}`);
}

const backups = new holdfast.v1.BackupService(address, credentials);
backups.CreateBackup({ database: 'default' }, metadata, { deadline: Date.now() + 600_000 }, (error, answer) => {
    backups.close();
    if (error) {
        throw error;
    }
    console.log(`made ${answer.backup.filename}`);
});
