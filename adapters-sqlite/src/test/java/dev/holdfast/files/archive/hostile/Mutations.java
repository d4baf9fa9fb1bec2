package dev.holdfast.files.archive.hostile;

import static dev.holdfast.files.archive.hostile.Bytes.join;
import static dev.holdfast.files.archive.hostile.Bytes.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/** Changes to bytes that were right. Says what it did, so that a finding can be read. */
final class Mutations {
    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        7,
        8,
        99,
        255,
        256,
        511,
        512,
        513,
        1023,
        4095,
        4096,
        65535,
        65536,
        1 << 20,
        1 << 30,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffff_fffeL,
        0xffff_ffffL,
        0x1_0000_0000L,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final List<String> NAMES = List.of(
            "../" + ArchiveProbe.ESCAPE,
            "/" + ArchiveProbe.ESCAPE,
            "",
            ".",
            "..",
            "data.db",
            "data.db-wal",
            "data.db-shm",
            "data.db-journal",
            "data.db/",
            "data.db/x",
            "storage",
            "storage/",
            "storage/a",
            "storage/a/b.txt",
            "storage/a/b.txt/c",
            "storage/\0",
            "storage\\..\\x",
            "metadata.json",
            "manifest.json",
            "database.json",
            "holdfast-manifest.json",
            "data/logos",
            "data/logos/../x",
            "data/",
            "x".repeat(300),
            "auxiliary.db-wal",
            "storage/" + "x/".repeat(100),
            "\u00e4\u0308\u202e",
            "DATA.DB");
    private static final List<String> WORDS = List.of(
            "-1",
            "0",
            "1e308",
            "99999999999999999999",
            "null",
            "true",
            "[]",
            "{}",
            "\"\"",
            "\"..\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "[[[[[[[[",
            "{\"blob\":\"AAAA\"}",
            "{\"text\":\"/w==\"}",
            "{\"real\":\"Infinity\"}",
            "\"sqlite.sqlite_schema\"",
            "\"sqlite.sqlite_pragma\"",
            "\"CREATE VIEW v AS SELECT * FROM v\"",
            "\"CREATE VIRTUAL TABLE t USING fts5(a)\"",
            "\"CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID\"",
            "\"CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END\"",
            "\"CREATE TABLE t (a AS (b) STORED, b)\"");

    private final Random random;
    private final StringBuilder said = new StringBuilder();

    Mutations(Random random) {
        this.random = random;
    }

    String said() {
        return said.toString();
    }

    Mutations say(String what) {
        said.append(said.isEmpty() ? "" : "; ").append(what);
        return this;
    }

    /** @param other to take pieces from */
    byte[] bytes(byte[] original, byte[] other) {
        byte[] bytes = original.clone();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            bytes = once(bytes, other);
        }
        return bytes;
    }

    private byte[] once(byte[] bytes, byte[] other) {
        if (bytes.length == 0) {
            return other.clone();
        }
        int at = random.nextInt(bytes.length);
        int length = 1 + random.nextInt(Math.min(bytes.length - at, 1 << random.nextInt(13)));
        switch (random.nextInt(9)) {
            case 0 -> {
                say("flip a bit at " + at);
                bytes[at] ^= (byte) (1 << random.nextInt(8));
            }
            case 1 -> {
                say("set a byte at " + at);
                bytes[at] = (byte) random.nextInt();
            }
            case 2 -> {
                say("cut at " + at);
                return Arrays.copyOf(bytes, at);
            }
            case 3 -> {
                say("leave out " + length + " at " + at);
                return join(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + length, bytes.length));
            }
            case 4 -> {
                say("double " + length + " at " + at);
                return join(Arrays.copyOf(bytes, at + length), Arrays.copyOfRange(bytes, at, bytes.length));
            }
            case 5 -> {
                int to = random.nextInt(bytes.length - length + 1);
                say("copy " + length + " from " + at + " to " + to);
                System.arraycopy(bytes.clone(), at, bytes, to, length);
            }
            case 6 -> {
                int from = random.nextInt(other.length);
                byte[] piece = Arrays.copyOfRange(other, from, Math.min(other.length, from + length));
                say("put " + piece.length + " of another in at " + at);
                return join(Arrays.copyOf(bytes, at), piece, Arrays.copyOfRange(bytes, at, bytes.length));
            }
            case 7 -> number(bytes, at);
            default -> {
                say("noise of " + length + " at " + at);
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, bytes, at, length);
            }
        }
        return bytes;
    }

    private void number(byte[] bytes, int at) {
        int width = 1 << random.nextInt(4);
        if (at + width > bytes.length) {
            return;
        }
        long number = number();
        ByteOrder order = random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        say(number + " in " + width + " bytes at " + at);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
        switch (width) {
            case 1 -> buffer.put(at, (byte) number);
            case 2 -> buffer.putShort(at, (short) number);
            case 4 -> buffer.putInt(at, (int) number);
            default -> buffer.putLong(at, number);
        }
    }

    long number() {
        return NUMBERS[random.nextInt(NUMBERS.length)];
    }

    String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    /** A document stays text, and mostly JSON. */
    byte[] document(byte[] original) {
        String text = new String(original, ISO_8859_1);
        for (int i = 1 + random.nextInt(3); i > 0 && !text.isEmpty(); i--) {
            int at = random.nextInt(text.length());
            int end = at + 1 + random.nextInt(Math.min(text.length() - at, 40));
            text = switch (random.nextInt(4)) {
                case 0 -> {
                    String word = WORDS.get(random.nextInt(WORDS.size()));
                    int from = Math.max(text.indexOf(':', at), 0) + 1;
                    int to = Math.max(endOf(text, from), from);
                    say("value " + word + " at " + from);
                    yield text.substring(0, from) + word + text.substring(to);
                }
                case 1 -> {
                    int from = text.lastIndexOf('\n', at) + 1;
                    int to = Math.max(text.indexOf('\n', at) + 1, from);
                    int into = random.nextBoolean() ? from : text.lastIndexOf('\n', random.nextInt(text.length())) + 1;
                    say("line at " + from + " again at " + into);
                    yield text.substring(0, into) + text.substring(from, to) + text.substring(into);
                }
                case 2 -> {
                    say("leave out " + at + " to " + end);
                    yield text.substring(0, at) + text.substring(end);
                }
                default -> new String(once(text.getBytes(ISO_8859_1), original), ISO_8859_1);
            };
        }
        return text.getBytes(ISO_8859_1);
    }

    private static int endOf(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) == ',' || text.charAt(i) == '}') {
                return i;
            }
        }
        return text.length();
    }

    /** Changes a few fields, the rest stays right. */
    void fields(RawZip zip) {
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            if (random.nextInt(4) == 0) {
                end(zip);
            } else {
                field(zip.entries.get(random.nextInt(zip.entries.size())));
            }
        }
    }

    private void end(RawZip zip) {
        OptionalLong number = OptionalLong.of(number());
        int which = random.nextInt(9);
        say("end record's field " + which + " is " + number.getAsLong());
        switch (which) {
            case 0 -> zip.endCount = number;
            case 1 -> zip.endSize = number;
            case 2 -> zip.endOffset = number;
            case 3 -> zip.zip64Count = number;
            case 4 -> zip.zip64Size = number;
            case 5 -> zip.zip64Offset = number;
            case 6 -> zip.zip64At = number;
            case 7 -> zip.zip64End = !zip.zip64End;
            default -> zip.comment = new byte[(int) (number.getAsLong() & 0xffff)];
        }
    }

    private void field(RawZip.Entry entry) {
        long number = number();
        int which = random.nextInt(16);
        say("field " + which + " of a member is " + number);
        switch (which) {
            case 0 -> entry.name(utf8(name()));
            case 1 -> entry.localName = utf8(name());
            case 2 -> entry.flags((int) number);
            case 3 -> entry.method((int) number);
            case 4 -> entry.packed(number);
            case 5 -> entry.unpacked(number);
            case 6 -> entry.packed = number;
            case 7 -> entry.unpacked = number;
            case 8 ->
                entry.extra(RawZip.extraField(
                        1,
                        Bytes.littleEndian(24)
                                .putLong(number())
                                .putLong(number())
                                .array()));
            case 9 -> entry.mode(random.nextInt(1 << 16));
            case 10 -> entry.offset = OptionalLong.of(number);
            case 11 -> entry.inBody = false;
            case 12 -> entry.inDirectory = false;
            case 13 -> entry.withDescriptor();
            case 14 -> entry.crc(number);
            default -> entry.extra(Bytes.random(random.nextInt(60), number));
        }
    }

    /** Changes a header's field, and makes its checksum right. */
    byte[] headers(byte[] original) {
        byte[] tar = original.clone();
        int block = random.nextInt(tar.length / RawTar.BLOCK) * RawTar.BLOCK;
        RawTar.Header header = RawTar.Header.of(Arrays.copyOfRange(tar, block, block + RawTar.BLOCK));
        int which = random.nextInt(6);
        long number = number();
        say("field " + which + " of the header at " + block + " is " + number);
        switch (which) {
            case 0 -> header.text(0, Arrays.copyOf(utf8(name()), 100));
            case 1 -> header.size(RawTar.base256(number));
            case 2 -> header.size(String.format("%011o\0", Math.abs(number % (1L << 33))));
            case 3 -> header.text(156, new byte[] {(byte) "0123456789gxLKSVMDX\0".charAt(random.nextInt(20))});
            case 4 -> header.prefix(name());
            default -> header.gnu();
        }
        System.arraycopy(header.bytes(), 0, tar, block, RawTar.BLOCK);
        return tar;
    }
}
