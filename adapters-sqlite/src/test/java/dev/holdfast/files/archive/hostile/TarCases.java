package dev.holdfast.files.archive.hostile;

import static dev.holdfast.domain.backup.Layout.DISPATCHARR_TAR_GZ;
import static dev.holdfast.files.archive.hostile.Bytes.crc32;
import static dev.holdfast.files.archive.hostile.Bytes.deflated;
import static dev.holdfast.files.archive.hostile.Bytes.join;
import static dev.holdfast.files.archive.hostile.Bytes.utf8;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.DAMAGED;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.TOO_LARGE;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.UNFIT;

import dev.holdfast.files.archive.hostile.HostileCase.Came;
import dev.holdfast.files.archive.hostile.RawTar.Header;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Tar archives and gzip streams whose structure lies. */
final class TarCases {
    private static final Set<Came> BROKEN = EnumSet.of(DAMAGED, UNFIT);
    private static final Set<Came> ONLY_UNFIT = EnumSet.of(UNFIT);
    private static final Set<Came> ONLY_DAMAGED = EnumSet.of(DAMAGED);
    private static final Set<Came> REFUSED = EnumSet.of(DAMAGED, UNFIT, TOO_LARGE);
    private static final byte[] TEXT = utf8("some text, some text, some text");

    private final List<HostileCase> cases = new ArrayList<>();

    private TarCases() {}

    static List<HostileCase> all() {
        TarCases tar = new TarCases();
        tar.names();
        tar.kinds();
        tar.headers();
        tar.extended();
        tar.gzip();
        return tar.cases;
    }

    private void tar(String title, Set<Came> expected, Consumer<RawTar> more) {
        RawTar tar = Valid.dispatcharrTar();
        more.accept(tar);
        cases.add(HostileCase.of(
                "tar: " + title, DISPATCHARR_TAR_GZ, expected, tar.end().gzip()));
    }

    private void bytes(String title, Set<Came> expected, byte[] bytes) {
        cases.add(HostileCase.of("gzip: " + title, DISPATCHARR_TAR_GZ, expected, bytes));
    }

    private void named(String title, String name) {
        tar(title, ONLY_UNFIT, it -> it.file(name, TEXT));
    }

    private void names() {
        named("a name that goes up", "../" + ArchiveProbe.ESCAPE);
        named("a name that goes up from within", "data/logos/../../../" + ArchiveProbe.ESCAPE);
        named("a name that goes far up", "data/" + "../".repeat(25) + "x/" + ArchiveProbe.ESCAPE);
        named("a name that goes up with backslashes", "data\\..\\..\\" + ArchiveProbe.ESCAPE);
        named("an absolute name", "/" + ArchiveProbe.ESCAPE);
        named("an absolute name with two slashes", "//" + ArchiveProbe.ESCAPE);
        named("a name with a drive", "C:" + ArchiveProbe.ESCAPE);
        named("a name with an empty component", "data//logos/" + ArchiveProbe.ESCAPE);
        named("a name with dots inside", "data/./logos/" + ArchiveProbe.ESCAPE);
        named("a name that ends in two dots", "data/logos/..");
        named("an empty name", "");
        named("a name with a line feed", "data/logos/a\nb");
        named("a name with an escape character", "data/logos/\u001b[2J");
        tar(
                "a prefix that goes up",
                ONLY_UNFIT,
                it -> it.member(new Header(ArchiveProbe.ESCAPE, TEXT.length, '0').prefix("../.."), TEXT));
        tar(
                "an absolute prefix",
                ONLY_UNFIT,
                it -> it.member(new Header(ArchiveProbe.ESCAPE, TEXT.length, '0').prefix("/tmp"), TEXT));
        tar(
                "a name that is no UTF-8",
                ONLY_UNFIT,
                it -> it.member(
                        new Header("", TEXT.length, '0')
                                .text(0, new byte[] {'d', 'a', 't', 'a', '/', (byte) 0xc0, (byte) 0xae}),
                        TEXT));
        named("a dump twice", "database.json");
        named("a file twice", "data/logos/a.png");
        named("a file where a directory is", "data/logos");
        named("a file below a file", "data/logos/a.png/b");
        tar("a directory where a file is", ONLY_UNFIT, it -> it.bare("data/logos/a.png/", '5', ""));
        cases.add(HostileCase.of(
                "tar: a dump that is a directory",
                DISPATCHARR_TAR_GZ,
                BROKEN,
                new RawTar()
                        .bare("database.json/", '5', "")
                        .file("manifest.json", utf8(Valid.MANIFEST))
                        .end()
                        .gzip()));
        cases.add(HostileCase.of(
                "tar: no dump",
                DISPATCHARR_TAR_GZ,
                BROKEN,
                new RawTar().file("manifest.json", utf8(Valid.MANIFEST)).end().gzip()));
        cases.add(HostileCase.of(
                "tar: no member", DISPATCHARR_TAR_GZ, BROKEN, new RawTar().end().gzip()));
    }

    private void kinds() {
        tar("a symbolic link", ONLY_UNFIT, it -> it.bare("data/logos/l", '2', "/etc/passwd"));
        tar(
                "a symbolic link and a file through it",
                ONLY_UNFIT,
                it -> it.bare("data/logos/l", '2', "../../..").file("data/logos/l/" + ArchiveProbe.ESCAPE, TEXT));
        tar("a hard link out", ONLY_UNFIT, it -> it.bare("data/logos/l", '1', "/etc/passwd"));
        tar("a hard link to a member", ONLY_UNFIT, it -> it.bare("data/logos/l", '1', "data/logos/a.png"));
        tar("a character device", ONLY_UNFIT, it -> it.bare("data/logos/l", '3', ""));
        tar("a block device", ONLY_UNFIT, it -> it.bare("data/logos/l", '4', ""));
        tar("a pipe", ONLY_UNFIT, it -> it.bare("data/logos/l", '6', ""));
        tar("a GNU directory dump", ONLY_UNFIT, it -> it.bare("data/logos/l", 'D', ""));
        tar("a GNU member of another volume", ONLY_UNFIT, it -> it.bare("data/logos/l", 'M', ""));
        tar("a GNU sparse file", ONLY_UNFIT, it -> it.member(new Header("data/logos/s", TEXT.length, 'S').gnu(), TEXT));
        tar("a GNU volume label", ONLY_UNFIT, it -> it.bare("label", 'V', ""));
        tar("a Solaris header", ONLY_UNFIT, it -> it.bare("data/logos/l", 'X', ""));
        for (char type : new char[] {'8', '9', 'A', 'Z', 'q', '\u007f', 1}) {
            tar("an unknown kind " + (int) type, ONLY_UNFIT, it -> it.bare("data/logos/l", type, ""));
        }
        tar(
                "a sparse file of 1 TiB by extended header",
                REFUSED,
                it -> it.pax('x', "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=1099511627776")
                        .file("data/logos/s", padded("1\n0\n0\n")));
        tar(
                "a sparse file of the older kind",
                REFUSED,
                it -> it.pax('x', "GNU.sparse.size=1099511627776", "GNU.sparse.numblocks=1", "GNU.sparse.map=0,1")
                        .file("data/logos/s", TEXT));
    }

    private static byte[] padded(String text) {
        return RawTar.padded(utf8(text));
    }

    private void headers() {
        tar("a wrong checksum", ONLY_DAMAGED, it -> it.raw(new Header("data/logos/b", 0, '0').withWrongChecksum()));
        tar("noise instead of a header", BROKEN, it -> it.raw(Bytes.random(512, 5)));
        sized("a negative size", RawTar.base256(-1));
        sized("a size of less than any", RawTar.base256(Long.MIN_VALUE));
        sized("the greatest size", RawTar.base256(Long.MAX_VALUE));
        sized("a size of 1 TiB", RawTar.base256(1L << 40));
        byte[] beyond = RawTar.base256(5);
        beyond[1] = 0x7f;
        sized("a size of more than eight bytes", beyond);
        sized("a size of 8 GiB in digits", utf8("77777777777\0"));
        sized("a size with a sign", utf8("-0000000001\0"));
        sized("a size of no digits", utf8("xxxxxxxxxxx\0"));
        sized("a size of a digit too many", utf8("00000000008\0"));
        tar("a directory with a size", BROKEN, it -> it.member(new Header("data/logos/d/", 600, '5'), new byte[600]));
        tar(
                "a link with a size",
                ONLY_UNFIT,
                it -> it.member(new Header("data/logos/l", 600, '2').linkTo("x"), new byte[600]));
        RawTar unended = Valid.dispatcharrTar();
        cases.add(
                HostileCase.of("tar: no blocks of zeros at the end", DISPATCHARR_TAR_GZ, ONLY_DAMAGED, unended.gzip()));
        byte[] whole = Valid.dispatcharrTar().end().bytes();
        for (int at : new int[] {100, 511, 512, 600, whole.length - 1024 - 300, whole.length - 1024 - 1}) {
            cases.add(HostileCase.of(
                    "tar: cut short at byte " + (at < 1000 ? String.valueOf(at) : "-" + (whole.length - at)),
                    DISPATCHARR_TAR_GZ,
                    ONLY_DAMAGED,
                    RawTar.gzip(Arrays.copyOf(whole, at))));
        }
        cases.add(HostileCase.of(
                "tar: another tar behind its end",
                DISPATCHARR_TAR_GZ,
                BROKEN,
                RawTar.gzip(join(
                        whole,
                        new RawTar()
                                .file("../" + ArchiveProbe.ESCAPE, TEXT)
                                .end()
                                .bytes()))));
        cases.add(HostileCase.of(
                "tar: noise behind its end",
                DISPATCHARR_TAR_GZ,
                BROKEN,
                RawTar.gzip(join(whole, Bytes.random(2000, 2)))));
    }

    private void sized(String title, byte[] field) {
        tar(
                title,
                REFUSED,
                it -> it.raw(new Header("data/logos/b", 0, '0').size(field).bytes())
                        .raw(new byte[512]));
    }

    private void extended() {
        tar(
                "an extended name that goes up",
                ONLY_UNFIT,
                it -> it.pax('x', "path=../" + ArchiveProbe.ESCAPE).file("data/logos/b", TEXT));
        tar(
                "an absolute extended name",
                ONLY_UNFIT,
                it -> it.pax('x', "path=/" + ArchiveProbe.ESCAPE).file("data/logos/b", TEXT));
        tar(
                "an extended name with a zero byte",
                ONLY_UNFIT,
                it -> it.pax('x', "path=data/logos/a\0b").file("data/logos/b", TEXT));
        tar("an empty extended name", ONLY_UNFIT, it -> it.pax('x', "path=").file("../" + ArchiveProbe.ESCAPE, TEXT));
        tar(
                "an extended name of a component of 300 bytes",
                ONLY_UNFIT,
                it -> it.pax('x', "path=data/logos/" + "x".repeat(300)).file("data/logos/b", TEXT));
        tar(
                "an extended name 2,000 levels deep",
                ONLY_UNFIT,
                it -> it.pax('x', "path=data/logos/" + "x/".repeat(2000) + "x").file("data/logos/b", TEXT));
        tar(
                "an extended name that doubles another",
                ONLY_UNFIT,
                it -> it.pax('x', "path=data/logos/a.png").file("data/logos/b", TEXT));
        tar(
                "a name for all that goes up",
                ONLY_UNFIT,
                it -> it.pax('g', "path=../" + ArchiveProbe.ESCAPE).file("data/logos/b", TEXT));
        tar(
                "an extended link",
                ONLY_UNFIT,
                it -> it.pax('x', "linkpath=/etc/passwd").bare("data/logos/l", '2', "x"));
        tar(
                "an extended size that skips a header",
                BROKEN,
                it -> it.pax('x', "size=1536").file("data/logos/b", TEXT));
        tar(
                "an extended size that hides a member",
                BROKEN,
                it -> it.pax('x', "size=0")
                        .member(
                                new Header("data/logos/b", 1024, '0'),
                                new RawTar().file("data/logos/hidden", TEXT).bytes()));
        for (String size : List.of("-1", "9223372036854775807", "99999999999999999999", "x", "", "1e3", "0x10")) {
            tar(
                    "an extended size of \"" + size + "\"",
                    REFUSED,
                    it -> it.pax('x', "size=" + size).file("data/logos/b", TEXT));
        }
        record("a record longer than its header", "99999 path=x\n");
        record("a record of length zero", "0 path=x\n");
        record("a record of less than no length", "-5 path=x\n");
        record("a record shorter than it is", "5 path=x\n");
        record("a record without a length", "path=x\n");
        record("a record without an equals sign", "9 pathxx\n");
        record("a record without its line feed", "10 path=xx");
        record("a record of a length beyond numbers", "99999999999999999999 path=x\n");
        record("a record of nothing but digits", "1".repeat(512));
        tar(
                "an extended header of 1 GiB that is not there",
                REFUSED,
                it -> it.raw(new Header("PaxHeaders/x", 1 << 30, 'x').bytes()));
        tar(
                "an extended header of 2 MiB",
                REFUSED,
                it -> it.pax('x', "comment=" + "x".repeat(2 << 20)).file("data/logos/b", TEXT));
        tar(
                "an extended header of 30 MiB",
                REFUSED,
                it -> it.pax('x', "path=" + "x".repeat(30 << 20)).file("data/logos/b", TEXT));
        tar("an extended header with nothing behind it", BROKEN, it -> it.pax('x', "path=data/logos/b"));
        tar("extended headers in a row", REFUSED, it -> {
            RawTar headers = new RawTar().pax('x', "path=data/logos/b");
            it.raw(Bytes.toArray(Bytes.repeated(headers.bytes(), 20_000))).file("data/logos/c", TEXT);
        });
        tar(
                "a GNU name of 300 bytes in a component",
                ONLY_UNFIT,
                it -> it.gnuLongName(utf8("data/logos/" + "x".repeat(300))).file("data/logos/b", TEXT));
        tar(
                "a GNU name that goes up",
                ONLY_UNFIT,
                it -> it.gnuLongName(utf8("data/logos/../../../" + ArchiveProbe.ESCAPE + "\0"))
                        .file("data/logos/b", TEXT));
        tar(
                "a GNU name of 30 MiB",
                REFUSED,
                it -> it.gnuLongName(new byte[30 << 20]).file("data/logos/b", TEXT));
        tar(
                "a GNU name of 1 TiB",
                REFUSED,
                it -> it.raw(new Header("././@LongLink", 0, 'L')
                        .gnu()
                        .size(RawTar.base256(1L << 40))
                        .bytes()));
        tar("a GNU name with nothing behind it", BROKEN, it -> it.gnuLongName(utf8("data/logos/b\0")));
    }

    private void record(String title, String text) {
        tar(
                title,
                BROKEN,
                it -> it.member(new Header("PaxHeaders/x", utf8(text).length, 'x'), utf8(text))
                        .file("data/logos/b", TEXT));
    }

    private void gzip() {
        byte[] tar = Valid.dispatcharrTar().end().bytes();
        byte[] whole = RawTar.gzip(tar);
        byte[] packed = deflated(tar);
        byte[] head = RawTar.gzipHead(0);
        bytes("a wrong checksum", ONLY_DAMAGED, join(head, packed, RawTar.gzipTail(crc32(tar) ^ 1, tar.length)));
        bytes("a wrong length", ONLY_DAMAGED, join(head, packed, RawTar.gzipTail(crc32(tar), tar.length + 1)));
        bytes("no checksum", ONLY_DAMAGED, join(head, packed));
        bytes("cut short in its checksum", ONLY_DAMAGED, Arrays.copyOf(whole, whole.length - 6));
        bytes("cut short by its last byte", ONLY_DAMAGED, Arrays.copyOf(whole, whole.length - 1));
        bytes("cut short in the middle", ONLY_DAMAGED, Arrays.copyOf(whole, whole.length / 2));
        bytes("cut short behind its head", ONLY_DAMAGED, Arrays.copyOf(whole, 11));
        bytes("noise behind it", BROKEN, join(whole, Bytes.random(100, 4)));
        bytes("zeros behind it", BROKEN, join(whole, new byte[100]));
        bytes("a second stream behind it", BROKEN, join(whole, whole));
        bytes("a zip behind it", BROKEN, join(whole, Valid.dispatcharr().bytes()));
        bytes("noise inside", BROKEN, join(head, Bytes.random(500, 6)));
        bytes("a stream in a stream", BROKEN, RawTar.gzip(whole));
        bytes("unknown flags", BROKEN, join(RawTar.gzipHead(0xe0), packed, RawTar.gzipTail(crc32(tar), tar.length)));
        byte[] method = whole.clone();
        method[2] = 7;
        bytes("an unknown method", BROKEN, method);
        bytes("a name in its head that does not end", BROKEN, join(RawTar.gzipHead(8), utf8("x".repeat(5000))));
        bytes(
                "an extra field longer than the file",
                BROKEN,
                join(RawTar.gzipHead(4), new byte[] {-1, -1}, new byte[100]));
        byte[] bit = whole.clone();
        bit[whole.length / 2] ^= 4;
        bytes("a flipped bit", BROKEN, bit);
        foreign("a zip", Valid.dispatcharr().bytes());
        foreign("a database", Valid.DATABASE);
        foreign("a tar that is not packed", tar);
        foreign("nothing", new byte[0]);
        foreign("half a head", Arrays.copyOf(whole, 5));
        foreign("a gzip of text", RawTar.gzip(TEXT));
        foreign("a gzip of nothing", RawTar.gzip(new byte[0]));
        foreign("a gzip of a database", RawTar.gzip(Valid.DATABASE));
        foreign(
                "a tar of something else",
                new RawTar().file("readme.txt", TEXT).end().gzip());
    }

    private void foreign(String title, byte[] bytes) {
        HostileCase it = HostileCase.of("gzip: " + title + " instead", DISPATCHARR_TAR_GZ, BROKEN, bytes);
        // A zip is one, but not of this layout.
        cases.add(title.equals("a zip") ? it : it.asForeign());
    }
}
