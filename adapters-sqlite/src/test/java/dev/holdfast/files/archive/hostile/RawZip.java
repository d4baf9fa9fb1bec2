package dev.holdfast.files.archive.hostile;

import static dev.holdfast.files.archive.hostile.Bytes.crc32;
import static dev.holdfast.files.archive.hostile.Bytes.deflated;
import static dev.holdfast.files.archive.hostile.Bytes.filled;
import static dev.holdfast.files.archive.hostile.Bytes.join;
import static dev.holdfast.files.archive.hostile.Bytes.littleEndian;
import static dev.holdfast.files.archive.hostile.Bytes.utf8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** A zip archive whose every field can be set; what is not set is right. */
final class RawZip implements Bytes {
    static final int UNIX = 3 << 8 | 20;
    static final int UTF8_NAMES = 1 << 11;
    static final int ENCRYPTED = 1;
    static final int DESCRIPTOR = 1 << 3;

    final List<Entry> entries = new ArrayList<>();
    byte[] comment = {};
    byte[] before = {};
    byte[] after = {};
    OptionalLong endCount = OptionalLong.empty();
    OptionalLong endSize = OptionalLong.empty();
    OptionalLong endOffset = OptionalLong.empty();
    int endDisk;
    boolean withEnd = true;
    boolean withDirectory = true;
    boolean zip64End;
    OptionalLong zip64Count = OptionalLong.empty();
    OptionalLong zip64Size = OptionalLong.empty();
    OptionalLong zip64Offset = OptionalLong.empty();
    OptionalLong zip64At = OptionalLong.empty();
    long zip64RecordSize = 44;

    /** A member as the two places that describe it have it. */
    static final class Entry {
        byte[] name;
        byte[] localName;
        int flags = UTF8_NAMES;
        int localFlags = UTF8_NAMES;
        int method;
        int localMethod;
        long crc;
        long localCrc;
        long packed;
        long localPacked;
        long unpacked;
        long localUnpacked;
        byte[] extra = {};
        byte[] localExtra = {};
        int madeBy = UNIX;
        long externalAttributes = 0100644L << 16;
        int disk;
        Bytes content;
        byte[] descriptor = {};
        OptionalLong offset = OptionalLong.empty();
        boolean inBody = true;
        boolean inDirectory = true;

        private Entry(String name, int method, Bytes content, long unpacked, long crc) {
            this.name = utf8(name);
            this.localName = this.name;
            this.content = content;
            method(method);
            crc(crc);
            packed(content.size());
            unpacked(unpacked);
        }

        static Entry stored(String name, byte[] bytes) {
            return new Entry(name, 0, Bytes.of(bytes), bytes.length, crc32(bytes));
        }

        static Entry deflate(String name, byte[] bytes) {
            return new Entry(name, 8, Bytes.of(deflated(bytes)), bytes.length, crc32(bytes));
        }

        static Entry packed(String name, Bytes deflated, long unpacked, long crc) {
            return new Entry(name, 8, deflated, unpacked, crc);
        }

        Entry name(byte[] both) {
            name = both;
            localName = both;
            return this;
        }

        Entry flags(int both) {
            flags = both;
            localFlags = both;
            return this;
        }

        Entry method(int both) {
            method = both;
            localMethod = both;
            return this;
        }

        Entry crc(long both) {
            crc = both;
            localCrc = both;
            return this;
        }

        Entry packed(long both) {
            packed = both;
            localPacked = both;
            return this;
        }

        Entry unpacked(long both) {
            unpacked = both;
            localUnpacked = both;
            return this;
        }

        Entry extra(byte[] both) {
            extra = both;
            localExtra = both;
            return this;
        }

        Entry mode(int mode) {
            externalAttributes = ((long) mode) << 16;
            return this;
        }

        /** The sizes and the checksum behind the content instead of before it, as who writes to a pipe has them. */
        Entry withDescriptor() {
            flags(flags | DESCRIPTOR);
            localCrc = 0;
            localPacked = 0;
            localUnpacked = 0;
            descriptor = littleEndian(16)
                    .putInt(0x08074b50)
                    .putInt((int) crc)
                    .putInt((int) packed)
                    .putInt((int) unpacked)
                    .array();
            return this;
        }

        byte[] local() {
            ByteBuffer head = littleEndian(30);
            head.putInt(0x04034b50).putShort((short) 20).putShort((short) localFlags);
            head.putShort((short) localMethod).putShort((short) 0).putShort((short) 0x5b75);
            head.putInt((int) localCrc).putInt((int) localPacked).putInt((int) localUnpacked);
            head.putShort((short) localName.length).putShort((short) localExtra.length);
            return join(filled(head), localName, localExtra);
        }

        byte[] central(long at) {
            ByteBuffer head = littleEndian(46);
            head.putInt(0x02014b50)
                    .putShort((short) madeBy)
                    .putShort((short) 20)
                    .putShort((short) flags);
            head.putShort((short) method).putShort((short) 0).putShort((short) 0x5b75);
            head.putInt((int) crc).putInt((int) packed).putInt((int) unpacked);
            head.putShort((short) name.length).putShort((short) extra.length).putShort((short) 0);
            head.putShort((short) disk).putShort((short) 0).putInt((int) externalAttributes);
            head.putInt((int) offset.orElse(at));
            return join(filled(head), name, extra);
        }
    }

    RawZip with(Entry entry) {
        entries.add(entry);
        return this;
    }

    Entry entry(String name) {
        return entries.stream()
                .filter(it -> new String(it.name, java.nio.charset.StandardCharsets.UTF_8).equals(name))
                .findFirst()
                .orElseThrow();
    }

    static byte[] extraField(int id, byte[] content) {
        ByteBuffer field = littleEndian(4 + content.length);
        return filled(
                field.putShort((short) id).putShort((short) content.length).put(content));
    }

    @Override
    public long size() {
        return body() + directory().length + after.length;
    }

    private long body() {
        long size = before.length;
        for (Entry entry : entries) {
            if (entry.inBody) {
                size += entry.local().length + entry.content.size() + entry.descriptor.length;
            }
        }
        return size;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        out.write(before);
        for (Entry entry : entries) {
            if (entry.inBody) {
                out.write(entry.local());
                entry.content.writeTo(out);
                out.write(entry.descriptor);
            }
        }
        out.write(directory());
        out.write(after);
    }

    byte[] bytes() {
        return Bytes.toArray(this);
    }

    /** The central directory and all that follows it. */
    private byte[] directory() {
        java.io.ByteArrayOutputStream directory = new java.io.ByteArrayOutputStream();
        long at = before.length;
        int count = 0;
        for (Entry entry : entries) {
            if (entry.inDirectory && withDirectory) {
                directory.writeBytes(entry.central(at));
                count++;
            }
            if (entry.inBody) {
                at += entry.local().length + entry.content.size() + entry.descriptor.length;
            }
        }
        byte[] records = directory.toByteArray();
        byte[] zip64 = zip64End ? zip64(count, records.length, at) : new byte[0];
        return withEnd ? join(records, zip64, end(count, records.length, at), comment) : records;
    }

    private byte[] end(long count, long size, long at) {
        ByteBuffer end = littleEndian(22);
        end.putInt(0x06054b50).putShort((short) endDisk).putShort((short) endDisk);
        end.putShort((short) endCount.orElse(count)).putShort((short) endCount.orElse(count));
        end.putInt((int) endSize.orElse(size)).putInt((int) endOffset.orElse(at));
        return filled(end.putShort((short) comment.length));
    }

    private byte[] zip64(long count, long size, long at) {
        ByteBuffer record = littleEndian(56 + 20);
        record.putInt(0x06064b50).putLong(zip64RecordSize).putShort((short) 45).putShort((short) 45);
        record.putInt(0).putInt(0).putLong(zip64Count.orElse(count)).putLong(zip64Count.orElse(count));
        record.putLong(zip64Size.orElse(size)).putLong(zip64Offset.orElse(at));
        record.putInt(0x07064b50).putInt(0).putLong(zip64At.orElse(at + size)).putInt(1);
        return filled(record);
    }
}
