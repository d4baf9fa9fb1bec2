package dev.holdfast.files.archive.hostile;

import static dev.holdfast.domain.backup.Layout.POCKETBASE_ZIP;
import static dev.holdfast.files.archive.hostile.Bytes.crc32;
import static dev.holdfast.files.archive.hostile.Bytes.join;
import static dev.holdfast.files.archive.hostile.Bytes.littleEndian;
import static dev.holdfast.files.archive.hostile.Bytes.utf8;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.DAMAGED;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.TOO_LARGE;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.UNFIT;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.UNPACKED;
import static dev.holdfast.files.archive.hostile.RawZip.extraField;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.holdfast.files.archive.hostile.HostileCase.Came;
import dev.holdfast.files.archive.hostile.RawZip.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** Zip archives whose structure lies. */
final class ZipCases {
    private static final Set<Came> BROKEN = EnumSet.of(DAMAGED, UNFIT);
    private static final Set<Came> ONLY_UNFIT = EnumSet.of(UNFIT);
    private static final Set<Came> PASSED_OVER = EnumSet.of(UNPACKED);
    private static final Set<Came> ONLY_DAMAGED = EnumSet.of(DAMAGED);
    private static final Set<Came> REFUSED = EnumSet.of(DAMAGED, UNFIT, TOO_LARGE);
    private static final byte[] TEXT = utf8("some text, some text, some text");

    private final List<HostileCase> cases = new ArrayList<>();

    private ZipCases() {}

    static List<HostileCase> all() {
        ZipCases zip = new ZipCases();
        zip.names();
        zip.kinds();
        zip.members();
        zip.ends();
        zip.large();
        zip.cutShort();
        return zip.cases;
    }

    private void add(String title, Set<Came> expected, RawZip zip) {
        cases.add(HostileCase.of(title, POCKETBASE_ZIP, expected, zip));
    }

    private void named(String title, String name) {
        add(title, ONLY_UNFIT, Valid.pocketBase().with(Entry.deflate(name, TEXT)));
    }

    private void entry(String title, Set<Came> expected, Consumer<Entry> change) {
        RawZip zip = Valid.pocketBase();
        change.accept(zip.entry("storage/a/b.txt"));
        add(title, expected, zip);
    }

    private void end(String title, Set<Came> expected, Consumer<RawZip> change) {
        RawZip zip = Valid.pocketBase();
        change.accept(zip);
        add(title, expected, zip);
    }

    private void names() {
        named("a name that goes up", "../" + ArchiveProbe.ESCAPE);
        named("a name that goes up from within", "storage/../../" + ArchiveProbe.ESCAPE);
        named("a name that goes far up", "storage/" + "../".repeat(40) + ArchiveProbe.ESCAPE);
        named("a name that goes up and comes back", "storage/../storage/" + ArchiveProbe.ESCAPE);
        named("a name that goes up with backslashes", "..\\" + ArchiveProbe.ESCAPE);
        named("a name that mixes slashes", "storage\\..\\../" + ArchiveProbe.ESCAPE);
        named("a name that begins with dots and slashes", "./../" + ArchiveProbe.ESCAPE);
        named("an absolute name", "/" + ArchiveProbe.ESCAPE);
        named("an absolute name with two slashes", "//" + ArchiveProbe.ESCAPE);
        named("a name with a drive", "C:\\" + ArchiveProbe.ESCAPE);
        named("a name relative to a drive", "C:" + ArchiveProbe.ESCAPE);
        named("a name on another computer", "\\\\server\\share\\" + ArchiveProbe.ESCAPE);
        named("a name with an empty component", "storage//" + ArchiveProbe.ESCAPE);
        named("a name with a single dot", "storage/./" + ArchiveProbe.ESCAPE);
        named("a name that ends in two dots", "storage/..");
        named("a name of two dots", "..");
        named("an empty name", "");
        named("a name of a slash", "/");
        named("a name with a zero byte", "storage/a\0.txt");
        named("a database's name with a zero byte and more behind", "data.db\0.txt");
        named("a name with a line feed", "storage/a\nb");
        named("a name with an escape character", "storage/\u001b[2J");
        named("a name with a delete character", "storage/\u007f");
        named("a component of 256 bytes", "storage/" + "x".repeat(256));
        named("a name of 5,000 bytes", "storage/" + ("x".repeat(99) + "/").repeat(49) + "x".repeat(92));
        named("a name of the greatest length", "s/" + "x".repeat(65_533));
        named("a name 2,000 levels deep", "storage/" + "x/".repeat(2000) + "x");
        byte[] overlong = join(
                utf8("storage/"),
                new byte[] {(byte) 0xc0, (byte) 0xae, (byte) 0xc0, (byte) 0xae},
                utf8("/"),
                utf8(ArchiveProbe.ESCAPE));
        add(
                "dots in an overlong form",
                ONLY_UNFIT,
                Valid.pocketBase().with(Entry.deflate("x", TEXT).name(overlong)));
        byte[] overlongSlash = join(utf8(".."), new byte[] {(byte) 0xc0, (byte) 0xaf}, utf8(ArchiveProbe.ESCAPE));
        add(
                "a slash in an overlong form",
                ONLY_UNFIT,
                Valid.pocketBase().with(Entry.deflate("x", TEXT).name(overlongSlash)));
        add(
                "a name that is no UTF-8",
                ONLY_UNFIT,
                Valid.pocketBase().with(Entry.deflate("x", TEXT).name("storage/\u00e4".getBytes(ISO_8859_1))));
        byte[] unicode = join(
                new byte[] {1},
                littleEndian(4).putInt((int) crc32(utf8("storage/c.txt"))).array(),
                utf8("../" + ArchiveProbe.ESCAPE));
        add(
                "another name in the field for Unicode names",
                ONLY_UNFIT,
                Valid.pocketBase().with(Entry.deflate("storage/c.txt", TEXT).extra(extraField(0x7075, unicode))));
        entry(
                "a local name that goes up where the directory's does not",
                BROKEN,
                it -> it.localName = utf8("../" + ArchiveProbe.ESCAPE));
        entry(
                "a directory's name that goes up where the local one does not",
                BROKEN,
                it -> it.name = utf8("../" + ArchiveProbe.ESCAPE));
        entry("a local name that differs", BROKEN, it -> it.localName = utf8("storage/a/c.txt"));
        entry("a local name of another length", BROKEN, it -> it.localName = utf8("data.db"));
        named("a database twice", "data.db");
        named("a file twice", "storage/a/b.txt");
        named("a file where a directory is", "storage/a");
        named("a file below a file", "storage/a/b.txt/c");
        named("a directory where a file is", "storage/a/b.txt/");
        named("a file where the databases' directory is", "storage");
        RawZip directory = new RawZip()
                .with(Entry.stored("data.db/", new byte[0]).mode(040755))
                .with(Entry.deflate("auxiliary.db", Valid.DATABASE));
        add("a database that is a directory", BROKEN, directory);
        RawZip below =
                new RawZip().with(Entry.deflate("data.db/x", TEXT)).with(Entry.deflate("auxiliary.db", Valid.DATABASE));
        add("a database that has files in it", BROKEN, below);
        add("a directory with content", BROKEN, Valid.pocketBase().with(Entry.deflate("storage/d/", TEXT)));
        add("no database", BROKEN, new RawZip().with(Entry.deflate("storage/a.txt", TEXT)));
        add("no member", BROKEN, new RawZip());
    }

    private void kinds() {
        entry("a symbolic link", PASSED_OVER, it -> it.mode(0120777));
        add(
                "a symbolic link and a file through it",
                ONLY_UNFIT,
                Valid.pocketBase()
                        .with(Entry.stored("storage/link", utf8("../..")).mode(0120777))
                        .with(Entry.stored("storage/link/" + ArchiveProbe.ESCAPE, TEXT)));
        RawZip database = Valid.pocketBase();
        database.entries.set(0, Entry.stored("data.db", utf8("/etc/passwd")).mode(0120777));
        add("a database that is a symbolic link", ONLY_UNFIT, database);
        entry("a block device", PASSED_OVER, it -> it.mode(0060644));
        entry("a character device", PASSED_OVER, it -> it.mode(0020644));
        entry("a pipe", PASSED_OVER, it -> it.mode(0010644));
        entry("a socket", PASSED_OVER, it -> it.mode(0140644));
        entry("a file that says it is a directory", BROKEN, it -> it.mode(0040755));
        entry("an encrypted member", ONLY_UNFIT, it -> it.flags(it.flags | RawZip.ENCRYPTED));
        entry("a member that is encrypted by its local header alone", BROKEN, it -> it.localFlags |= RawZip.ENCRYPTED);
        entry("a strongly encrypted member", ONLY_UNFIT, it -> it.flags(it.flags | 1 << 6 | 1));
        entry("an encrypted directory", ONLY_UNFIT, it -> it.flags(it.flags | 1 << 13));
        entry("a member that patches another file", ONLY_UNFIT, it -> it.flags(it.flags | 1 << 5));
        entry("a member encrypted with AES", ONLY_UNFIT, it -> {
            it.flags(it.flags | RawZip.ENCRYPTED).method(99);
            it.extra(extraField(0x9901, new byte[] {2, 0, 'A', 'E', 3, 8, 0}));
        });
        for (int method : new int[] {1, 6, 9, 12, 14, 93, 95, 98, 99, 0xffff}) {
            entry("compression method " + method, ONLY_UNFIT, it -> it.method(method));
        }
        entry("a local method that differs", BROKEN, it -> it.localMethod = 0);
        entry("a member on another disk", BROKEN, it -> it.disk = 1);
    }

    private void members() {
        entry("a wrong checksum", ONLY_DAMAGED, it -> it.crc(it.crc ^ 1));
        entry("a wrong checksum in the local header alone", BROKEN, it -> it.localCrc ^= 1);
        entry("a wrong checksum in the directory alone", BROKEN, it -> it.crc ^= 1);
        entry("more unpacked than declared", REFUSED, it -> it.unpacked(it.unpacked - 1));
        entry("less unpacked than declared", BROKEN, it -> it.unpacked(it.unpacked + 1));
        entry("nothing declared and something unpacked", REFUSED, it -> it.unpacked(0));
        entry("another unpacked size in the local header", BROKEN, it -> it.localUnpacked += 1);
        entry("another packed size in the local header", BROKEN, it -> it.localPacked += 1);
        entry("a packed size of one byte too few", BROKEN, it -> it.packed(it.packed - 1));
        entry("a packed size of one byte too many", BROKEN, it -> it.packed(it.packed + 1));
        entry("a packed size of zero", BROKEN, it -> it.packed(0));
        entry("a packed size beyond the file", BROKEN, it -> it.packed(1 << 30));
        entry("the greatest unpacked size", REFUSED, it -> it.unpacked(0xffff_fffeL));
        entry("bytes behind the deflate stream", BROKEN, it -> {
            it.content = Bytes.joined(it.content, Bytes.of(TEXT));
            it.packed(it.content.size());
        });
        entry("a deflate stream that does not end", BROKEN, it -> {
            byte[] whole = Bytes.toArray(it.content);
            it.content = Bytes.of(Arrays.copyOf(whole, whole.length - 2));
            it.packed(whole.length - 2);
        });
        entry("a deflate stream of noise", BROKEN, it -> {
            it.content = Bytes.of(Bytes.random(500, 3));
            it.packed(500);
        });
        entry("a deflate stream that reaches back beyond its start", BROKEN, it -> {
            it.content = Bytes.of(new byte[] {0x4b, 0x04, 0x1c, (byte) 0xfe, (byte) 0xff, 0x03, 0x00});
            it.packed(7);
        });
        stored("a stored member with another unpacked size", it -> it.unpacked += 7);
        stored("a stored member that is longer packed than unpacked", it -> it.unpacked(it.unpacked - 7));
        stored("a stored member that begins in the middle", it -> it.offset = OptionalLong.of(7));
        RawZip descriptor = Valid.pocketBase();
        Entry last = descriptor.entry("storage/a/b.txt").withDescriptor();
        last.descriptor[4] ^= 1;
        add("a wrong checksum behind a member", BROKEN, descriptor);
        RawZip missing = Valid.pocketBase();
        missing.entry("storage/a/b.txt").withDescriptor().descriptor = new byte[0];
        add("no descriptor where one was announced", BROKEN, missing);
        entry(
                "an extra field that is longer than its place",
                BROKEN,
                it -> it.extra(new byte[] {0x55, 0x54, (byte) 0xff, 0x7f, 1}));
        entry("an offset into another member", BROKEN, it -> it.offset = OptionalLong.of(11));
        entry("an offset of another member", BROKEN, it -> it.offset = OptionalLong.of(0));
        entry("an offset beyond the file", BROKEN, it -> it.offset = OptionalLong.of(0x7fff_ffffL));
        entry(
                "an offset into the directory",
                BROKEN,
                it -> it.offset = OptionalLong.of(Valid.pocketBase().bytes().length - 100));
        entry("a member that the directory does not name", BROKEN, it -> it.inDirectory = false);
        entry("a member that is only in the directory", BROKEN, it -> it.inBody = false);
        RawZip shared = Valid.pocketBase();
        for (int i = 0; i < 50; i++) {
            Entry again = Entry.deflate("storage/a/b.txt", TEXT);
            again.name(utf8("storage/" + i));
            again.localName = utf8("storage/a/b.txt");
            again.inBody = false;
            again.offset = OptionalLong.of(0);
            shared.with(again);
        }
        add("fifty names for one member's bytes", BROKEN, shared);
    }

    private void stored(String title, Consumer<Entry> change) {
        RawZip zip = Valid.pocketBase();
        Entry entry = Entry.stored("storage/s.txt", TEXT);
        change.accept(entry);
        add(title, BROKEN, zip.with(entry));
    }

    private void ends() {
        end("no end record", ONLY_DAMAGED, it -> it.withEnd = false);
        end("an end record that counts one member fewer", BROKEN, it -> it.endCount = OptionalLong.of(2));
        end("an end record that counts one member more", BROKEN, it -> it.endCount = OptionalLong.of(4));
        end("an end record that counts no member", BROKEN, it -> it.endCount = OptionalLong.of(0));
        end("an end record that counts 65,535 members", BROKEN, it -> it.endCount = OptionalLong.of(0xffff));
        end("a directory of no size", BROKEN, it -> it.endSize = OptionalLong.of(0));
        end("a directory of half a record", BROKEN, it -> it.endSize = OptionalLong.of(20));
        end("a directory larger than the file", BROKEN, it -> it.endSize = OptionalLong.of(0x7fff_ffffL));
        end("a directory of the greatest size", BROKEN, it -> it.endSize = OptionalLong.of(0xffff_ffffL));
        end("a directory at the beginning", BROKEN, it -> it.endOffset = OptionalLong.of(0));
        end("a directory beyond the file", BROKEN, it -> it.endOffset = OptionalLong.of(0x7fff_ffffL));
        end("a directory at the greatest offset", BROKEN, it -> it.endOffset = OptionalLong.of(0xffff_ffffL));
        end("an end record on another disk", BROKEN, it -> it.endDisk = 3);
        end("no directory", BROKEN, it -> it.withDirectory = false);
        byte[] whole = Valid.pocketBase().bytes();
        byte[] cutComment = whole.clone();
        cutComment[whole.length - 2] = 100;
        cases.add(HostileCase.of("a comment that is cut short", POCKETBASE_ZIP, BROKEN, cutComment));
        end("another file before it", BROKEN, it -> it.before = Valid.DATABASE);
        RawZip shifted = Valid.pocketBase();
        cases.add(HostileCase.of(
                "another file before it, the offsets not moved",
                POCKETBASE_ZIP,
                BROKEN,
                join(Valid.DATABASE, shifted.bytes())));
        end("a program before it", BROKEN, it -> it.before = utf8("#!/bin/sh\nexit 1\n"));
        end("another file behind it", BROKEN, it -> it.after = Valid.DATABASE);
        end(
                "another zip behind it",
                BROKEN,
                it -> it.after = Valid.dispatcharr().bytes());
        cases.add(HostileCase.of(
                "a comment that is a zip",
                POCKETBASE_ZIP,
                BROKEN,
                commented(Valid.dispatcharr().bytes())));
        cases.add(
                HostileCase.of("zeros", POCKETBASE_ZIP, BROKEN, new byte[5000]).asForeign());
        cases.add(HostileCase.of("nothing", POCKETBASE_ZIP, BROKEN, new byte[0]).asForeign());
        cases.add(HostileCase.of("noise", POCKETBASE_ZIP, BROKEN, Bytes.random(9000, 7))
                .asForeign());
        cases.add(HostileCase.of("a database instead of an archive", POCKETBASE_ZIP, BROKEN, Valid.DATABASE)
                .asForeign());
        cases.add(HostileCase.of("two letters", POCKETBASE_ZIP, BROKEN, utf8("PK"))
                .asForeign());
        cases.add(HostileCase.of(
                        "a zip of something else",
                        POCKETBASE_ZIP,
                        BROKEN,
                        new RawZip().with(Entry.deflate("word/document.xml", TEXT)))
                .asForeign());
        cases.add(HostileCase.of("an archive of another layout", POCKETBASE_ZIP, BROKEN, Valid.dispatcharr()));
    }

    private static byte[] commented(byte[] comment) {
        RawZip zip = Valid.pocketBase();
        zip.comment = comment;
        return zip.bytes();
    }

    private void large() {
        for (long lie : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40}) {
            zip64("a large end record that counts " + lie, it -> it.zip64Count = OptionalLong.of(lie));
            zip64(
                    "a large end record with a directory of " + lie + " bytes",
                    it -> it.zip64Size = OptionalLong.of(lie));
            zip64("a large end record with a directory at " + lie, it -> it.zip64Offset = OptionalLong.of(lie));
            zip64("a locator that leads to " + lie, it -> it.zip64At = OptionalLong.of(lie));
            zip64("a large end record of " + lie + " bytes", it -> it.zip64RecordSize = lie);
            large("a large unpacked size of " + lie, lie, 0);
            large("a large packed size of " + lie, 0, lie);
        }
        zip64("a locator that leads to the first member", it -> it.zip64At = OptionalLong.of(0));
        entry("a size that refers to a field that is not there", REFUSED, it -> it.unpacked(0xffff_ffffL));
        entry("a size that refers to a field that is too short", BROKEN, it -> {
            it.unpacked(0xffff_ffffL).packed(0xffff_ffffL);
            it.extra(extraField(1, new byte[4]));
        });
        entry(
                "an offset that refers to a field that is not there",
                BROKEN,
                it -> it.offset = OptionalLong.of(0xffff_ffffL));
        entry("an offset of less than zero", BROKEN, it -> {
            it.offset = OptionalLong.of(0xffff_ffffL);
            it.extra = extraField(1, littleEndian(8).putLong(-100).array());
        });
    }

    private void zip64(String title, Consumer<RawZip> change) {
        end(title, REFUSED, it -> {
            it.zip64End = true;
            it.endCount = OptionalLong.of(0xffff);
            it.endSize = OptionalLong.of(0xffff_ffffL);
            it.endOffset = OptionalLong.of(0xffff_ffffL);
            change.accept(it);
        });
    }

    private void large(String title, long unpacked, long packed) {
        entry(title, REFUSED, it -> {
            long realUnpacked = unpacked == 0 ? it.unpacked : unpacked;
            long realPacked = packed == 0 ? it.packed : packed;
            it.unpacked(0xffff_ffffL).packed(0xffff_ffffL);
            it.extra(extraField(
                    1,
                    littleEndian(16).putLong(realUnpacked).putLong(realPacked).array()));
        });
    }

    /** One case for each structure that the end of the file can lie in. */
    private void cutShort() {
        byte[] whole = Valid.pocketBase().bytes();
        RawZip zip = Valid.pocketBase();
        zip.withEnd = false;
        int directoryEnd = zip.bytes().length;
        zip.withDirectory = false;
        int body = zip.bytes().length;
        cut("in the first local header", whole, 15);
        cut("in the first name", whole, 33);
        cut("in the first content", whole, 200);
        cut("before the directory", whole, body);
        cut("in the directory", whole, body + 60);
        cut("before the end record", whole, directoryEnd);
        cut("in the end record", whole, directoryEnd + 10);
        cut("by its last byte", whole, whole.length - 1);
    }

    private void cut(String where, byte[] whole, int at) {
        cases.add(HostileCase.of(
                "an archive cut short " + where, POCKETBASE_ZIP, ONLY_DAMAGED, Arrays.copyOf(whole, at)));
    }
}
