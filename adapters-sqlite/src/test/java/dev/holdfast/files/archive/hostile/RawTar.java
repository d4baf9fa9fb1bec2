package dev.holdfast.files.archive.hostile;

import static dev.holdfast.files.archive.hostile.Bytes.crc32;
import static dev.holdfast.files.archive.hostile.Bytes.deflated;
import static dev.holdfast.files.archive.hostile.Bytes.join;
import static dev.holdfast.files.archive.hostile.Bytes.littleEndian;
import static dev.holdfast.files.archive.hostile.Bytes.utf8;

import java.util.Arrays;

/** A tar archive's blocks, put together by hand, and what packs them. */
final class RawTar {
    static final int BLOCK = 512;

    private byte[] bytes = {};

    /** The 512 bytes before a member. */
    static final class Header {
        private final byte[] block;

        private Header(byte[] block) {
            this.block = block;
        }

        static Header of(byte[] block) {
            return new Header(block.clone());
        }

        Header(String name, long size, char type) {
            this(new byte[BLOCK]);
            text(0, utf8(name));
            text(100, utf8("0000644\0"));
            text(108, utf8("0000000\0"));
            text(116, utf8("0000000\0"));
            size(String.format("%011o\0", size));
            text(136, utf8("14723000000\0"));
            block[156] = (byte) type;
            text(257, utf8("ustar\00000"));
        }

        /** At most up to the block's end. */
        Header text(int at, byte[] text) {
            System.arraycopy(text, 0, block, at, Math.min(text.length, BLOCK - at));
            return this;
        }

        Header size(String field) {
            return text(124, utf8(field));
        }

        Header size(byte[] field) {
            return text(124, field);
        }

        Header linkTo(String target) {
            return text(157, utf8(target));
        }

        Header prefix(String prefix) {
            return text(345, utf8(prefix));
        }

        Header gnu() {
            return text(257, utf8("ustar  \0"));
        }

        byte[] bytes() {
            Arrays.fill(block, 148, 156, (byte) ' ');
            int sum = 0;
            for (byte each : block) {
                sum += each & 0xff;
            }
            text(148, utf8(String.format("%06o\0 ", sum)));
            return block.clone();
        }

        byte[] withWrongChecksum() {
            byte[] wrong = bytes();
            wrong[148] = (byte) (wrong[148] == '7' ? '6' : '7');
            return wrong;
        }
    }

    RawTar raw(byte[] more) {
        bytes = join(bytes, more);
        return this;
    }

    RawTar file(String name, byte[] content) {
        return member(new Header(name, content.length, '0'), content);
    }

    RawTar member(Header header, byte[] content) {
        return raw(header.bytes()).raw(padded(content));
    }

    /** A member that holds nothing but its header. */
    RawTar bare(String name, char type, String target) {
        return raw(new Header(name, 0, type).linkTo(target).bytes());
    }

    /** @param records each as {@code key=value}, their lengths put before them */
    RawTar pax(char type, String... records) {
        byte[] content = {};
        for (String record : records) {
            content = join(content, paxRecord(record));
        }
        return member(new Header("PaxHeaders/x", content.length, type), content);
    }

    RawTar gnuLongName(byte[] name) {
        return member(new Header("././@LongLink", name.length, 'L').gnu(), name);
    }

    RawTar end() {
        return raw(new byte[2 * BLOCK]);
    }

    byte[] bytes() {
        return bytes;
    }

    byte[] gzip() {
        return gzip(bytes);
    }

    static byte[] paxRecord(String record) {
        byte[] text = utf8(" " + record + "\n");
        int length = text.length + 1;
        while (String.valueOf(length).length() + text.length != length) {
            length++;
        }
        return join(utf8(String.valueOf(length)), text);
    }

    static byte[] padded(byte[] content) {
        return Arrays.copyOf(content, (content.length + BLOCK - 1) / BLOCK * BLOCK);
    }

    /** A number of twelve bytes beyond what octal digits hold, as GNU tar writes it. */
    static byte[] base256(long number) {
        byte[] field = new byte[12];
        Arrays.fill(field, (byte) (number < 0 ? 0xff : 0));
        for (int i = 0; i < 8; i++) {
            field[11 - i] = (byte) (number >> (8 * i));
        }
        field[0] |= (byte) 0x80;
        return field;
    }

    static byte[] gzip(byte[] content) {
        return join(gzipHead(0), deflated(content), gzipTail(crc32(content), content.length));
    }

    static byte[] gzipHead(int flags) {
        return new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 0, 0, 0, 0, 0, (byte) 0xff};
    }

    static byte[] gzipTail(long crc, long size) {
        return littleEndian(8).putInt((int) crc).putInt((int) size).array();
    }
}
