package dev.holdfast.files.archive.hostile;

import static dev.holdfast.domain.backup.Layout.POCKETBASE_ZIP;
import static dev.holdfast.files.archive.hostile.Bytes.join;
import static dev.holdfast.files.archive.hostile.Bytes.utf8;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.DAMAGED;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.TOO_LARGE;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.UNFIT;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.UNPACKED;

import dev.holdfast.files.archive.hostile.HostileCase.Came;
import dev.holdfast.files.archive.hostile.HostileCase.Found;
import dev.holdfast.files.archive.hostile.RawZip.Entry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Archives that nothing is wrong with, of databases that something is wrong with. */
final class DatabaseCases {
    private static final Set<Came> WHOLE = EnumSet.of(UNPACKED);
    private static final Set<Came> ANY = EnumSet.allOf(Came.class);
    private static final Set<Came> REFUSED = EnumSet.of(DAMAGED, UNFIT, TOO_LARGE);
    private static final int PAGE = 4096;
    private static final int MAGIC = 0x377f0682;

    private final List<HostileCase> cases = new ArrayList<>();

    private DatabaseCases() {}

    static List<HostileCase> all() {
        DatabaseCases databases = new DatabaseCases();
        databases.databases();
        databases.logs();
        return databases.cases;
    }

    private void database(String title, byte[] database, Found first, Found... others) {
        RawZip zip = new RawZip().with(Entry.deflate("data.db", database));
        cases.add(
                HostileCase.of("database: " + title, POCKETBASE_ZIP, WHOLE, zip).withDatabases(first, others));
    }

    private void databases() {
        byte[] valid = Valid.DATABASE;
        database("nothing wrong", valid, Found.SOUND);
        database("noise", Bytes.random(8192, 1), Found.NOT_A_DATABASE);
        database("an archive", Valid.pocketBase().bytes(), Found.NOT_A_DATABASE);
        database("text", utf8("not a database, though longer than the header of one".repeat(4)), Found.NOT_A_DATABASE);
        database(
                "encrypted",
                join(Bytes.random(16, 2), Arrays.copyOfRange(valid, 16, valid.length)),
                Found.NOT_A_DATABASE);
        database("cut short", Arrays.copyOf(valid, valid.length - PAGE), Found.DAMAGED);
        database("a header and no more", Arrays.copyOf(valid, 100), Found.DAMAGED, Found.NOT_A_DATABASE);
        byte[] page = valid.clone();
        Arrays.fill(page, PAGE, 2 * PAGE, (byte) 0x5a);
        database("a corrupt page", page, Found.DAMAGED);
        byte[] schema = valid.clone();
        Arrays.fill(schema, PAGE - 200, PAGE, (byte) 0xff);
        database("a corrupt schema", schema, Found.DAMAGED, Found.NOT_A_DATABASE);
        byte[] size = valid.clone();
        size[16] = 0;
        size[17] = 3;
        database("a page size that is none", size, Found.DAMAGED, Found.NOT_A_DATABASE);
    }

    private void log(String title, Set<Came> expected, byte[] log) {
        RawZip zip =
                new RawZip().with(Entry.deflate("data.db", Valid.DATABASE)).with(Entry.deflate("data.db-wal", log));
        cases.add(HostileCase.of("log: " + title, POCKETBASE_ZIP, expected, zip)
                .withDatabases(Found.SOUND, Found.DAMAGED, Found.NOT_A_DATABASE));
    }

    private void sound(String title, byte[] log) {
        log(title, WHOLE, log);
        cases.add(cases.removeLast().withDatabases(Found.SOUND));
    }

    private void logs() {
        sound("empty", new byte[0]);
        sound("noise", Bytes.random(20_000, 8));
        sound("a header and no more", log(PAGE));
        sound("half a header", Arrays.copyOf(log(PAGE), 20));
        sound("a frame with a wrong checksum", changed(log(PAGE, frame(2, 3)), 32 + 24 + 9));
        sound("a frame cut short", Arrays.copyOf(log(PAGE, frame(2, 3)), 3000));
        sound("frames of no commit", log(PAGE, frame(2, 0), frame(3, 0)));
        log("a page far beyond the end", ANY, log(PAGE, frame(0x7fff_fffe, 0x7fff_fffe)));
        log("a page of the greatest number", ANY, log(PAGE, frame(-1, -1)));
        log("page zero", ANY, log(PAGE, frame(0, 3)));
        log("a database of 8 TiB at the commit", ANY, log(PAGE, frame(2, 0x7fff_ffff)));
        log("a database of 1 GiB at the commit", ANY, log(PAGE, frame(0x40000, 0x40000)));
        log("a commit that makes the database 1 GiB, and right", REFUSED, growing(0x40000));
        log("a commit that makes the database 8 TiB, and right", REFUSED, growing(0x7fff_fffe));
        log("a database of one page at the commit", ANY, log(PAGE, frame(2, 1)));
        log("pages of 64 KiB", ANY, log(65536, frame(1, 1)));
        log("pages of another size", ANY, log(512, frame(1, 1)));
        log("noise for the first page", ANY, log(PAGE, frame(1, 3)));
        RawZip alone = Valid.pocketBase()
                .with(Entry.deflate("other.db-wal", log(PAGE, frame(1, 1))))
                .with(Entry.deflate("data.db-shm", Bytes.random(32768, 3)));
        cases.add(HostileCase.of("log: of no database, and an index of noise", POCKETBASE_ZIP, WHOLE, alone));
        RawZip orphan = new RawZip()
                .with(Entry.deflate("auxiliary.db", Valid.DATABASE))
                .with(Entry.deflate("data.db-wal", log(PAGE)));
        cases.add(HostileCase.of("log: of a database that is missing", POCKETBASE_ZIP, REFUSED, orphan));
        RawZip journal = new RawZip()
                .with(Entry.deflate("data.db", Valid.DATABASE))
                .with(Entry.deflate("data.db-journal", journal()));
        cases.add(HostileCase.of(
                "log: a journal that would undo it", POCKETBASE_ZIP, EnumSet.of(UNFIT, UNPACKED), journal));
    }

    /** One that nothing is wrong with, for {@link Valid#DATABASE}. */
    static byte[] valid() {
        byte[] database = Valid.DATABASE;
        int pages = database.length / PAGE;
        return log(
                PAGE,
                List.of(Arrays.copyOfRange(database, PAGE, 2 * PAGE), Arrays.copyOf(database, PAGE)),
                frame(2, 0),
                frame(1, pages));
    }

    /** Says in the header, the commit and the last page alike that the database has so many pages. */
    private static byte[] growing(int pages) {
        byte[] first = Arrays.copyOf(Valid.DATABASE, PAGE);
        ByteBuffer.wrap(first).putInt(28, pages);
        return log(PAGE, List.of(first, new byte[PAGE]), frame(1, 0), frame(pages, pages));
    }

    private static byte[] changed(byte[] bytes, int at) {
        bytes[at] ^= 1;
        return bytes;
    }

    static int[] frame(int page, int pagesAtCommit) {
        return new int[] {page, pagesAtCommit};
    }

    /** A write-ahead log whose checksums are right; its pages hold noise. */
    static byte[] log(int pageSize, int[]... frames) {
        return log(
                pageSize,
                Arrays.stream(frames).map(it -> Bytes.random(pageSize, it[0])).toList(),
                frames);
    }

    private static byte[] log(int pageSize, List<byte[]> pages, int[]... frames) {
        ByteBuffer log = ByteBuffer.allocate(32 + frames.length * (24 + pageSize));
        log.putInt(MAGIC).putInt(3007000).putInt(pageSize).putInt(0).putInt(17).putInt(18);
        int[] sum = {0, 0};
        checksum(log.array(), 0, 24, sum);
        log.putInt(sum[0]).putInt(sum[1]);
        for (int i = 0; i < frames.length; i++) {
            int[] frame = frames[i];
            int at = log.position();
            log.putInt(frame[0]).putInt(frame[1]).putInt(17).putInt(18);
            log.position(at + 24).put(pages.get(i));
            checksum(log.array(), at, 8, sum);
            checksum(log.array(), at + 24, pageSize, sum);
            log.putInt(at + 16, sum[0]).putInt(at + 20, sum[1]);
        }
        return log.array();
    }

    private static void checksum(byte[] bytes, int offset, int length, int[] sum) {
        ByteBuffer words = ByteBuffer.wrap(bytes, offset, length).order(ByteOrder.LITTLE_ENDIAN);
        while (words.hasRemaining()) {
            sum[0] += words.getInt() + sum[1];
            sum[1] += words.getInt() + sum[0];
        }
    }

    /** Would put noise in the place of page 2. */
    private static byte[] journal() {
        byte[] page = Bytes.random(PAGE, 9);
        int sum = 7;
        for (int i = PAGE - 200; i > 0; i -= 200) {
            sum += page[i] & 0xff;
        }
        ByteBuffer journal = ByteBuffer.allocate(512 + 8 + PAGE);
        journal.putLong(0xd9d505f920a163d7L).putInt(1).putInt(7).putInt(Valid.DATABASE.length / PAGE);
        journal.putInt(512).putInt(PAGE);
        journal.position(512).putInt(2).put(page).putInt(sum);
        return journal.array();
    }
}
