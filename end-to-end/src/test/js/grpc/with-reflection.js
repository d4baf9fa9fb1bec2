// A client that knows nothing but the address. Usage: node with-reflection.js HOST:PORT BACKUP FILE
import assert from 'node:assert/strict';
import grpc from '@grpc/grpc-js';
import { GrpcReflection } from 'grpc-js-reflection-client';
import { run } from './scenario.js';

const [address, backup, file] = process.argv.slice(2);
const reflection = new GrpcReflection(address, grpc.credentials.createInsecure(), {}, 'v1');

const names = await reflection.listServices();
for (const name of ['BackupService', 'OperationService', 'DatabaseService']) {
    assert.ok(names.includes(`holdfast.v1.${name}`), `${names}`);
}
assert.ok(names.includes('grpc.health.v1.Health'), `${names}`);

const options = { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true };
const services = {};
for (const name of names.filter((it) => it.startsWith('holdfast.v1.'))) {
    const descriptor = await reflection.getDescriptorBySymbol(name);
    Object.assign(services, descriptor.getPackageObject(options).holdfast.v1);
}
reflection.client.close();
await run(services, address, backup, file);
