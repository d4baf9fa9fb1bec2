// The guide's sample as it stands, line by line, each with what it says or how PocketBase's own SDK differs from it.
// Usage: node pocketbase-guide.mjs ADDRESS EMAIL PASSWORD
import assert from 'node:assert/strict';
import PocketBase from 'pocketbase';

const [address, email, password] = process.argv.slice(2);
const pb = new PocketBase(address);

await pb.collection('_superusers').authWithPassword(email, password);

const backups = await pb.backups.getFullList();
assert.ok(Array.isArray(backups));

// The real system wants a name that ends in .zip, and answers with no object.
await assert.rejects(pb.backups.create('my_backup'), (error) => error.response.data.name.code === 'validation_match_invalid');
const backup = await pb.backups.create('my_backup.zip');
assert.equal(backup, true);
// With the preference the guide's own line works.
await pb.backups.create('my_other_backup', { headers: { Prefer: 'return=representation' } });
assert.ok((await pb.backups.getFullList()).some((it) => it.key === 'my_other_backup.zip'));

// The SDK has no such method.
await assert.rejects(async () => pb.backups.download('my_backup.zip'), TypeError);
const url = pb.backups.getDownloadURL(await pb.files.getToken(), 'my_backup.zip');
const blob = await (await fetch(url)).blob();

await pb.backups.restore('my_backup.zip', { headers: { Prefer: 'return=representation' } });

await pb.backups.delete('my_backup.zip');

const file = new File([blob], 'backup-file.zip');
await pb.backups.upload({ file });
assert.ok((await pb.backups.getFullList()).some((it) => it.key === 'backup-file.zip'));

console.log('done');
