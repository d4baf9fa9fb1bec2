package dev.holdfast.files.archive.hostile;

import static dev.holdfast.files.archive.hostile.Bytes.utf8;

import dev.holdfast.domain.backup.Layout;
import dev.holdfast.files.archive.hostile.RawZip.Entry;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/**
 * One thing to try: a valid archive, and what was done to it.
 *
 * @param mutation what, for a person
 */
record Input(Layout layout, Bytes bytes, String mutation) {
    private static final List<byte[]> OTHERS = List.of(
            zip(0).bytes(),
            Valid.dispatcharr().bytes(),
            Valid.DATABASE,
            Valid.DUMP,
            tar(Valid.DUMP),
            tar(Valid.DUMP, true));
    private static final byte[] LOG = DatabaseCases.valid();

    /** The same for the same seed and number, always. */
    static Input of(long seed, long number) {
        Random random = new Random(seed * 1_000_003 + number);
        Mutations mutations = new Mutations(random);
        byte[] other = OTHERS.get(random.nextInt(OTHERS.size()));
        return switch (random.nextInt(10)) {
            case 0, 1 -> {
                RawZip zip = zip(random.nextInt(4));
                mutations.say("PocketBase");
                yield input(Layout.POCKETBASE_ZIP, mutations.bytes(zip.bytes(), other), mutations);
            }
            case 2, 3 -> {
                RawZip zip = random.nextBoolean() ? zip(random.nextInt(4)) : Valid.dispatcharr();
                boolean pocketBase = zip.entries.size() > 2;
                mutations.say(pocketBase ? "PocketBase" : "Dispatcharr").fields(zip);
                yield input(pocketBase ? Layout.POCKETBASE_ZIP : Layout.DISPATCHARR_ZIP, zip.bytes(), mutations);
            }
            case 4 -> {
                byte[] database = mutations.say("database").bytes(Valid.DATABASE, other);
                RawZip zip = new RawZip().with(Entry.deflate("data.db", database));
                yield input(Layout.POCKETBASE_ZIP, zip.bytes(), mutations);
            }
            case 5 -> {
                byte[] log = mutations.say("log").bytes(LOG, Valid.DATABASE);
                RawZip zip = new RawZip()
                        .with(Entry.deflate("data.db", Valid.DATABASE))
                        .with(Entry.deflate("data.db-wal", log));
                yield input(Layout.POCKETBASE_ZIP, zip.bytes(), mutations);
            }
            case 6 -> documents(random, mutations);
            case 7 -> {
                byte[] dump = mutations.say("dump").document(Valid.DUMP);
                yield input(Layout.DISPATCHARR_TAR_GZ, tar(dump), mutations);
            }
            case 8 -> {
                byte[] tar = plainTar(Valid.DUMP, random.nextBoolean()).bytes();
                mutations.say("tar");
                byte[] changed = random.nextBoolean() ? mutations.headers(tar) : mutations.bytes(tar, other);
                yield input(Layout.DISPATCHARR_TAR_GZ, RawTar.gzip(changed), mutations);
            }
            default -> {
                byte[] gzip = mutations.say("gzip").bytes(tar(Valid.DUMP), other);
                yield input(Layout.DISPATCHARR_TAR_GZ, gzip, mutations);
            }
        };
    }

    private static Input documents(Random random, Mutations mutations) {
        if (random.nextBoolean()) {
            byte[] metadata = mutations.say("metadata").document(utf8(Valid.METADATA));
            RawZip zip = new RawZip()
                    .with(Entry.deflate("database.sqlite3", Valid.DATABASE))
                    .with(Entry.deflate("metadata.json", metadata));
            return input(Layout.DISPATCHARR_ZIP, zip.bytes(), mutations);
        }
        byte[] manifest = mutations.say("manifest").document(utf8(DocumentCases.whole()));
        return input(Layout.POCKETBASE_ZIP, listed(manifest).bytes(), mutations);
    }

    private static Input input(Layout layout, byte[] bytes, Mutations mutations) {
        return new Input(layout, Bytes.of(bytes), mutations.said());
    }

    private static RawZip listed(byte[] manifest) {
        RawZip zip = Valid.pocketBase().with(Entry.deflate("holdfast-manifest.json", manifest));
        zip.comment = utf8("holdfast-manifest sha256:" + DocumentCases.sha256(manifest));
        return zip;
    }

    /** The ways in which a zip can be written. */
    private static RawZip zip(int way) {
        RawZip zip = way == 1 ? listed(utf8(DocumentCases.whole())) : Valid.pocketBase();
        if (way == 2) {
            zip.zip64End = true;
            zip.endCount = OptionalLong.of(0xffff);
            zip.endSize = OptionalLong.of(0xffff_ffffL);
            zip.endOffset = OptionalLong.of(0xffff_ffffL);
        }
        if (way == 3) {
            zip.entries.forEach(Entry::withDescriptor);
            zip.with(Entry.stored("storage/stored.txt", utf8("stored")));
        }
        return zip;
    }

    private static byte[] tar(byte[] dump) {
        return tar(dump, false);
    }

    private static byte[] tar(byte[] dump, boolean extended) {
        return plainTar(dump, extended).gzip();
    }

    private static RawTar plainTar(byte[] dump, boolean extended) {
        RawTar tar = Valid.dispatcharrTar(dump);
        if (extended) {
            tar.pax('x', "path=data/logos/" + "n".repeat(120), "mtime=1700000000.5")
                    .file("short", utf8("one"))
                    .gnuLongName(utf8("data/logos/" + "m".repeat(120) + "\0"))
                    .file("short", utf8("two"));
        }
        return tar.end();
    }
}
