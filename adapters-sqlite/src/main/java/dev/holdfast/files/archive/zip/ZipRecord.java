package dev.holdfast.files.archive.zip;

import static dev.holdfast.files.archive.member.ArchiveRejectedException.damaged;
import static dev.holdfast.files.archive.member.ArchiveRejectedException.unfit;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.files.archive.member.ArchiveRejectedException;
import dev.holdfast.files.archive.member.Attributes;
import dev.holdfast.files.archive.member.Member;
import dev.holdfast.files.archive.member.MemberNames;
import dev.holdfast.files.archive.member.Owner;
import dev.holdfast.files.archive.member.PackedInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a zip's central directory says of one member, which is one that we take. */
@SuppressWarnings("ArrayRecordComponent")
public // two of them are never compared
record ZipRecord(Member member, byte[] rawName, int flags, int method, int crc, long packed, long offset) {

    static ZipRecord read(PackedInput in) throws IOException {
        ByteBuffer header = in.fields(46);
        if (header.getInt(0) != Zip.CENTRAL) {
            throw damaged("the zip's central directory is garbled");
        }
        byte[] rawName = in.exactly(header.getShort(28) & 0xffff);
        ByteBuffer extra = in.fields(header.getShort(30) & 0xffff);
        in.exactly(header.getShort(32) & 0xffff);
        String name = text(rawName);
        requireInOrder(extra);
        ByteBuffer second = field(extra, Zip.UNICODE_NAME);
        // Behind a version and a CRC.
        if (second != null && !second.position(Math.min(5, second.limit())).equals(ByteBuffer.wrap(rawName))) {
            throw unfit("a member has two names, " + MemberNames.shown(name) + " and another in an extra field");
        }
        boolean directory = name.endsWith("/");
        name = directory ? name.substring(0, name.length() - 1) : name;
        String fault = MemberNames.fault(name);
        if (fault != null) {
            throw unfit("a member's name " + fault + ": " + MemberNames.shown(name));
        }
        int flags = header.getShort(8) & 0xffff;
        int method = header.getShort(10) & 0xffff;
        if ((flags & Zip.ENCRYPTED) != 0 || (flags & ~Zip.HARMLESS) != 0) {
            throw unfit("the member " + MemberNames.shown(name) + " is encrypted or of a kind that is not known");
        }
        if (method != Zip.STORED && method != Zip.DEFLATED) {
            throw unfit("the member " + MemberNames.shown(name) + " is packed by method " + method
                    + " (expected: stored or deflated)");
        }
        Sizes sizes = Sizes.of(header.getInt(24), header.getInt(20), header.getInt(42), extra);
        if ((header.getShort(34) & 0xffff) != 0) {
            throw unfit("the zip has several parts");
        }
        if ((directory && sizes.size() != 0) || (method == Zip.STORED && sizes.size() != sizes.packed())) {
            throw unfit("the sizes of the member " + MemberNames.shown(name) + " contradict each other");
        }
        Member member = new Member(
                name,
                directory,
                isSpecial(header, directory, name),
                sizes.size(),
                mode(header, directory),
                modified(extra),
                owner(extra));
        return new ZipRecord(member, rawName, flags, method, header.getInt(16), sizes.packed(), sizes.offset());
    }

    /** The three that move to an extra field where four bytes are too few for them. */
    record Sizes(long size, long packed, long offset) {
        static Sizes of(int size, int packed, int offset, ByteBuffer extra) throws ArchiveRejectedException {
            ByteBuffer large = field(extra, Zip.LARGE_EXTRA);
            Sizes sizes = new Sizes(next(size, large), next(packed, large), next(offset, large));
            if (sizes.size < 0 || sizes.packed < 0 || sizes.offset < 0) {
                throw unfit("a member's size is impossible");
            }
            return sizes;
        }

        private static long next(int field, @Nullable ByteBuffer large) throws ArchiveRejectedException {
            if (field != -1 || large == null) {
                return field & 0xffff_ffffL;
            }
            if (large.remaining() < 8) {
                throw damaged("a member's large sizes are cut short");
            }
            return large.getLong();
        }
    }

    private static void requireInOrder(ByteBuffer extra) throws ArchiveRejectedException {
        int at = 0;
        while (extra.limit() - at >= 4) {
            at += 4 + (extra.getShort(at + 2) & 0xffff);
        }
        if (at > extra.limit()) {
            throw damaged("a member's extra field is longer than its place");
        }
    }

    /** An extra field's content; null if there is none. */
    static @Nullable ByteBuffer field(ByteBuffer extra, int id) {
        int at = 0;
        while (extra.limit() - at >= 4) {
            int length = extra.getShort(at + 2) & 0xffff;
            if (at + 4 + length > extra.limit()) {
                return null;
            }
            if ((extra.getShort(at) & 0xffff) == id) {
                return extra.slice(at + 4, length).order(ByteOrder.LITTLE_ENDIAN);
            }
            at += 4 + length;
        }
        return null;
    }

    private static String text(byte[] name) throws ArchiveRejectedException {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
        } catch (CharacterCodingException e) {
            throw unfit("a member's name is not UTF-8");
        }
    }

    private static int mode(ByteBuffer header, boolean directory) {
        int external = external(header);
        return external == 0 ? -1 : external & (directory ? Attributes.DIRECTORY_BITS : Attributes.FILE_BITS);
    }

    private static boolean isSpecial(ByteBuffer header, boolean directory, String name)
            throws ArchiveRejectedException {
        int type = external(header) & Zip.UNIX_TYPE;
        if (type == (directory ? Zip.UNIX_FILE : Zip.UNIX_DIRECTORY)) {
            throw unfit("the member " + MemberNames.shown(name) + " says that it is a file and a directory");
        }
        return type != 0 && type != Zip.UNIX_FILE && type != Zip.UNIX_DIRECTORY;
    }

    /** As {@code stat} has it; 0 if a program of another kind of system made the zip. */
    private static int external(ByteBuffer header) {
        return (header.getShort(4) >> 8 & 0xff) == 3 ? header.getInt(38) >>> 16 : 0;
    }

    private static @Nullable Owner owner(ByteBuffer extra) {
        ByteBuffer field = field(extra, Zip.UNIX_OWNER);
        if (field == null || field.remaining() != 11 || field.get(0) != 1) {
            return null;
        }
        return field.get(1) == 4 && field.get(6) == 4 ? Owner.of(field.getInt(2), field.getInt(7)) : null;
    }

    private static @Nullable FileTime modified(ByteBuffer extra) {
        ByteBuffer ntfs = field(extra, Zip.NTFS_TIMES);
        if (ntfs != null && ntfs.remaining() >= 16 && ntfs.getShort(4) == 1) {
            return Zip.ofTicks(ntfs.getLong(8));
        }
        ByteBuffer unix = field(extra, Zip.UNIX_TIMES);
        if (unix != null && unix.remaining() >= 5 && (unix.get(0) & 1) == 1) {
            return FileTime.from(Instant.ofEpochSecond(unix.getInt(1)));
        }
        return null;
    }
}
