package dev.holdfast.files.archive.hostile;

import static dev.holdfast.domain.backup.Layout.DISPATCHARR_TAR_GZ;
import static dev.holdfast.domain.backup.Layout.DISPATCHARR_ZIP;
import static dev.holdfast.domain.backup.Layout.POCKETBASE_ZIP;
import static dev.holdfast.files.archive.hostile.Bytes.deflated;
import static dev.holdfast.files.archive.hostile.Bytes.deflatedZeros;
import static dev.holdfast.files.archive.hostile.Bytes.littleEndian;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.DAMAGED;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.TOO_LARGE;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.UNFIT;
import static dev.holdfast.files.archive.hostile.RawZip.extraField;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.files.archive.hostile.HostileCase.Came;
import dev.holdfast.files.archive.hostile.RawTar.Header;
import dev.holdfast.files.archive.hostile.RawZip.Entry;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Small files that unfold to very much. */
final class BombCases {
    private static final Set<Came> LARGE = EnumSet.of(TOO_LARGE);
    private static final Set<Came> REFUSED = EnumSet.of(DAMAGED, UNFIT, TOO_LARGE);
    private static final int GIBIBYTES = 16;
    private static final UnpackLimits RATIO_ALONE = new UnpackLimits(Long.MAX_VALUE, 10_000, 100);

    private final List<HostileCase> cases = new ArrayList<>();

    private BombCases() {}

    static List<HostileCase> all() {
        BombCases bombs = new BombCases();
        bombs.zips();
        bombs.counts();
        bombs.overlaps();
        bombs.tars();
        return bombs.cases;
    }

    private void zips() {
        zip("16 GiB of zeros in 16 MiB, said so", LARGE, "storage/zeros", true);
        zip("16 GiB of zeros, said to be a kilobyte", REFUSED, "storage/zeros", false);
        zip("a database of 16 GiB of zeros", LARGE, "data.db", true);
        zip("a database of 16 GiB of zeros, said to be a kilobyte", REFUSED, "data.db", false);
        zip("a log of 16 GiB of zeros", LARGE, "data.db-wal", true);
        zip("16 GiB for a place that the source does not have", LARGE, "elsewhere/zeros", true);
        zip("a manifest of 16 GiB of zeros", LARGE, "holdfast-manifest.json", true);
        HostileCase ratio = cases.getFirst();
        cases.add(new HostileCase(
                "a ratio of a thousand, whatever the size",
                ratio.layout(),
                LARGE,
                false,
                ratio.databases(),
                Extent.CHECK,
                RATIO_ALONE,
                ratio.bytes()));
        RawZip metadata = new RawZip()
                .with(Entry.deflate("database.sqlite3", Valid.DATABASE))
                .with(zeros("metadata.json", true));
        cases.add(HostileCase.of("metadata of 16 GiB of zeros", DISPATCHARR_ZIP, REFUSED, metadata));
        RawZip many = Valid.pocketBase();
        for (int i = 0; i < 65; i++) {
            many.with(Entry.packed("storage/" + i, deflatedZeros(1), 1 << 20, 0xa738ea1cL));
        }
        cases.add(HostileCase.of("many members that are too much together", POCKETBASE_ZIP, LARGE, many));
    }

    private static Entry zeros(String name, boolean honest) {
        Bytes packed = deflatedZeros(GIBIBYTES << 10);
        Entry entry = Entry.packed(name, packed, 1024, 0);
        if (honest) {
            byte[] large = extraField(
                    1,
                    littleEndian(16)
                            .putLong((long) GIBIBYTES << 30)
                            .putLong(packed.size())
                            .array());
            entry.unpacked(0xffff_ffffL).packed(0xffff_ffffL).extra(large);
        }
        return entry;
    }

    private void zip(String title, Set<Came> expected, String name, boolean honest) {
        RawZip zip = Valid.pocketBase();
        zip.entries.removeIf(it -> name.equals("data.db") && it.name.length == name.length());
        cases.add(HostileCase.of(title, POCKETBASE_ZIP, expected, zip.with(zeros(name, honest))));
    }

    private void counts() {
        cases.add(HostileCase.of("a million empty members", POCKETBASE_ZIP, LARGE, emptyMembers(1_000_000)));
        cases.add(HostileCase.of("ten thousand empty members and one", POCKETBASE_ZIP, LARGE, emptyMembers(10_001)));
        RawZip large = Valid.pocketBase();
        Entry entry = large.entry("storage/a/b.txt");
        entry.extra = extraField(0xcafe, new byte[60_000]);
        cases.add(HostileCase.of(
                "a record of the directory with much beside it", POCKETBASE_ZIP, EnumSet.allOf(Came.class), large));
    }

    /** A database and so many empty files, none of them in memory. */
    private static Bytes emptyMembers(int count) {
        return new Bytes() {
            @Override
            public long size() {
                throw new UnsupportedOperationException();
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                Entry database = Entry.deflate("data.db", Valid.DATABASE);
                out.write(database.local());
                database.content.writeTo(out);
                long first = database.local().length + database.content.size();
                int local = member(0).local().length;
                for (int i = 0; i < count; i++) {
                    out.write(member(i).local());
                }
                byte[] record = database.central(0);
                out.write(record);
                long size = record.length;
                for (int i = 0; i < count; i++) {
                    record = member(i).central(first + (long) i * local);
                    out.write(record);
                    size += record.length;
                }
                RawZip end = new RawZip();
                end.zip64End = true;
                end.endCount = OptionalLong.of(0xffff);
                end.endSize = OptionalLong.of(0xffff_ffffL);
                end.endOffset = OptionalLong.of(0xffff_ffffL);
                end.zip64Count = OptionalLong.of(count + 1L);
                end.zip64Size = OptionalLong.of(size);
                end.zip64Offset = OptionalLong.of(first + (long) count * local);
                end.zip64At = OptionalLong.of(first + (long) count * local + size);
                end.writeTo(out);
            }
        };
    }

    private static Entry member(int number) {
        return Entry.stored(String.format("storage/%07d", number), new byte[0]);
    }

    /** After the kind that David Fifield described: each member's bytes are the next member, header and all. */
    private void overlaps() {
        RawZip quoted = new RawZip();
        quoted.with(Entry.deflate("data.db", Valid.DATABASE));
        Bytes kernel = deflatedZeros(1);
        List<Entry> members = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            members.add(Entry.packed("storage/" + i, kernel, 1 << 20, 0xa738ea1cL));
        }
        for (int i = members.size() - 2; i >= 0; i--) {
            Entry next = members.get(i + 1);
            Entry quoting = members.get(i);
            byte[] head = next.local();
            byte[] quote = littleEndian(5)
                    .put((byte) 0)
                    .putShort((short) head.length)
                    .putShort((short) ~head.length)
                    .array();
            quoting.content = Bytes.of(quote);
            quoting.packed(quote.length + head.length + next.packed);
            quoting.unpacked(head.length + next.unpacked);
        }
        members.getLast().content = kernel;
        members.forEach(quoted::with);
        cases.add(HostileCase.of("members that quote each other's headers", POCKETBASE_ZIP, REFUSED, quoted));

        RawZip shared = Valid.pocketBase();
        Entry kept = Entry.packed("storage/0", kernel, 1 << 20, 0xa738ea1cL);
        shared.with(kept);
        long at = offsetOf(shared, kept);
        for (int i = 1; i < 1000; i++) {
            Entry again = Entry.packed("storage/" + i, kernel, 1 << 20, 0xa738ea1cL);
            again.inBody = false;
            again.offset = OptionalLong.of(at);
            shared.with(again);
        }
        cases.add(HostileCase.of("a thousand names for one megabyte", POCKETBASE_ZIP, REFUSED, shared));
        cases.add(HostileCase.of("a thousand names for one megabyte, without limits", POCKETBASE_ZIP, REFUSED, shared)
                .within(UnpackLimits.NONE, Extent.CHECK));
    }

    private static long offsetOf(RawZip zip, Entry entry) {
        long at = 0;
        for (Entry each : zip.entries) {
            if (each == entry) {
                return at;
            }
            at += each.local().length + each.content.size();
        }
        throw new IllegalArgumentException();
    }

    private void tars() {
        tar("16 GiB of zeros that say so", "data/logos/zeros", (long) GIBIBYTES << 30, LARGE);
        tar("a dump of 16 GiB of zeros", "database.json", (long) GIBIBYTES << 30, REFUSED);
        tar("a manifest of 16 GiB of zeros", "manifest.json", (long) GIBIBYTES << 30, REFUSED);
        tar("16 GiB for a place that the source does not have", "data/elsewhere/zeros", (long) GIBIBYTES << 30, LARGE);
        Bytes end = Bytes.joined(
                Bytes.of(RawTar.gzipHead(0)),
                Bytes.of(flushed(Valid.dispatcharrTar().bytes())),
                deflatedZeros(GIBIBYTES << 10));
        cases.add(HostileCase.of("gzip: 16 GiB of zeros behind the end", DISPATCHARR_TAR_GZ, REFUSED, end));
        byte[] files = new byte[0];
        byte[] block = new byte[RawTar.BLOCK * 1000];
        for (int i = 0; i < 1000; i++) {
            System.arraycopy(new Header("data/logos/" + i, 0, '0').bytes(), 0, block, i * RawTar.BLOCK, RawTar.BLOCK);
        }
        Bytes count = Bytes.joined(
                Bytes.of(RawTar.gzipHead(0)),
                Bytes.of(flushed(Valid.dispatcharrTar().bytes())),
                Bytes.repeated(flushed(block), 1000),
                Bytes.of(deflated(files)));
        cases.add(HostileCase.of("tar: a million members", DISPATCHARR_TAR_GZ, REFUSED, count));
        RawTar many = Valid.dispatcharrTar();
        byte[] headers = new byte[RawTar.BLOCK * 10_001];
        for (int i = 0; i < 10_001; i++) {
            System.arraycopy(new Header("data/logos/" + i, 0, '0').bytes(), 0, headers, i * RawTar.BLOCK, RawTar.BLOCK);
        }
        cases.add(HostileCase.of(
                "tar: ten thousand members and one",
                DISPATCHARR_TAR_GZ,
                LARGE,
                many.raw(headers).end().gzip()));
    }

    private void tar(String title, String name, long size, Set<Came> expected) {
        RawTar head = name.startsWith("data/") ? Valid.dispatcharrTar() : new RawTar();
        if (name.equals("manifest.json")) {
            head.file("database.json", Valid.DUMP);
        }
        head.raw(new Header(name, 0, '0').size(RawTar.base256(size)).bytes());
        Bytes bomb = Bytes.joined(
                Bytes.of(RawTar.gzipHead(0)), Bytes.of(flushed(head.bytes())), deflatedZeros(GIBIBYTES << 10));
        cases.add(HostileCase.of("tar: " + title, DISPATCHARR_TAR_GZ, expected, bomb));
    }

    /** Deflated, up to where other blocks can follow. */
    private static byte[] flushed(byte[] bytes) {
        try (java.util.zip.Deflater deflater = new java.util.zip.Deflater(9, true)) {
            deflater.setInput(bytes);
            byte[] out = new byte[bytes.length + 1000];
            int length = deflater.deflate(out, 0, out.length, java.util.zip.Deflater.FULL_FLUSH);
            return java.util.Arrays.copyOf(out, length);
        }
    }
}
