// A client made from the proto files. Usage: node with-protos.js HOST:PORT BACKUP FILE PROTO_DIRECTORY
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import { run } from './scenario.js';

const [address, backup, file, protos] = process.argv.slice(2);
const { holdfast } = grpc.loadPackageDefinition(
    protoLoader.loadSync(
        ['backup_service', 'operation_service', 'database_service'].map((it) => `holdfast/v1/${it}.proto`),
        { includeDirs: [protos], keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true },
    ),
);
await run(holdfast.v1, address, backup, file);
