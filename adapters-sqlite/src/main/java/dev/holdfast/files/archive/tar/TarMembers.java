package dev.holdfast.files.archive.tar;

import static dev.holdfast.files.archive.member.ArchiveRejectedException.damaged;
import static dev.holdfast.files.archive.member.ArchiveRejectedException.unfit;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.files.archive.member.ArchiveRejectedException;
import dev.holdfast.files.archive.member.Attributes;
import dev.holdfast.files.archive.member.Member;
import dev.holdfast.files.archive.member.MemberNames;
import dev.holdfast.files.archive.member.Members;
import dev.holdfast.files.archive.member.Owner;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A tar of files and directories, in the POSIX form or GNU's. */
public final class TarMembers implements Members {
    private static final int BLOCK = 512;
    private static final int LONGEST_HEADER = 1 << 16;
    private static final int LONGEST_PADDING = 1 << 20;
    private static final Pattern TIME = Pattern.compile("-?\\d{1,12}(\\.\\d{0,20})?");
    private static final Pattern SIZE = Pattern.compile("\\d{1,18}");
    private static final Pattern ID = Pattern.compile("\\d{1,10}");
    private static final Pattern OCTAL_ID = Pattern.compile("[0-7]{1,8}");
    private static final Set<String> KEPT = Set.of("path", "size", "mtime", "uid", "gid");
    /** What says something of a file that is not kept, or that the header says as well. */
    private static final Set<String> HARMLESS =
            Set.of("atime", "ctime", "uid", "gid", "uname", "gname", "comment", "charset", "hdrcharset");

    private final InputStream in;
    private final Content content = new Content();
    private long left;
    private long padding;

    /** @param in closed with this */
    public TarMembers(InputStream in) {
        this.in = in;
    }

    @Override
    public @Nullable Member next() throws IOException {
        content.transferTo(OutputStream.nullOutputStream());
        exactly((int) padding);
        padding = 0;
        Map<String, String> more = new HashMap<>();
        while (true) {
            byte[] header = exactly(BLOCK);
            if (isZero(header)) {
                end(more);
                return null;
            }
            requireSum(header);
            char type = (char) (header[156] & 0xff);
            switch (type) {
                case 'x', 'L' -> extend(more, type, extension(header));
                case 'g' -> requireHarmless(extension(header));
                case '0', '\0', '5' -> {
                    return member(header, type == '5', more);
                }
                default -> throw unfit("the tar has a member that is a link or no ordinary file");
            }
        }
    }

    @Override
    public InputStream content() {
        return content;
    }

    private Member member(byte[] header, boolean directory, Map<String, String> more) throws IOException {
        String magic = new String(header, 257, 6, ISO_8859_1);
        if (!magic.equals("ustar\0") && !magic.equals("ustar ")) {
            throw unfit("the tar is of a form that is not known");
        }
        String name = more.get("path");
        if (name == null) {
            String prefix = magic.equals("ustar\0") ? text(header, 345, 155) : "";
            name = prefix.isEmpty() ? text(header, 0, 100) : prefix + "/" + text(header, 0, 100);
        }
        boolean slash = name.endsWith("/");
        if (slash && !directory) {
            throw unfit("a file's name ends like a directory's: " + MemberNames.shown(name));
        }
        name = slash ? name.substring(0, name.length() - 1) : name;
        String fault = MemberNames.fault(name);
        if (fault != null) {
            throw unfit("a member's name " + fault + ": " + MemberNames.shown(name));
        }
        long size = number(header, 124, 12);
        String largeSize = more.get("size");
        if (largeSize != null) {
            if (!SIZE.matcher(largeSize).matches() || (size != 0 && size != Long.parseLong(largeSize))) {
                throw unfit("a member's two sizes contradict each other");
            }
            size = Long.parseLong(largeSize);
        }
        if (directory && size != 0) {
            throw unfit("a directory has content: " + MemberNames.shown(name));
        }
        left = size;
        padding = (BLOCK - size % BLOCK) % BLOCK;
        int mode = (int) (number(header, 100, 8) & (directory ? Attributes.DIRECTORY_BITS : Attributes.FILE_BITS));
        return new Member(name, directory, false, size, mode, modified(header, more.get("mtime")), owner(header, more));
    }

    /** Only where there are no names beside the numbers: with a name, Holdfast's earlier tars had no true number. */
    private static @Nullable Owner owner(byte[] header, Map<String, String> more) {
        if (header[265] != 0 || header[297] != 0) {
            return null;
        }
        return Owner.of(id(header, 108, more.get("uid")), id(header, 116, more.get("gid")));
    }

    private static long id(byte[] header, int from, @Nullable String large) {
        if (large != null) {
            return ID.matcher(large).matches() ? Long.parseLong(large) : -1;
        }
        String digits =
                new String(header, from, 8, ISO_8859_1).replace('\0', ' ').trim();
        return OCTAL_ID.matcher(digits).matches() ? Long.parseLong(digits, 8) : -1;
    }

    private static FileTime modified(byte[] header, @Nullable String exact) throws ArchiveRejectedException {
        if (exact == null) {
            return FileTime.from(Instant.ofEpochSecond(Math.min(number(header, 136, 12), 1L << 40)));
        }
        if (!TIME.matcher(exact).matches()) {
            throw unfit("a member's time is garbled");
        }
        BigDecimal nanos = new BigDecimal(exact).movePointRight(9);
        BigDecimal[] parts = nanos.divideAndRemainder(BigDecimal.valueOf(1_000_000_000));
        return FileTime.from(Instant.ofEpochSecond(parts[0].longValue(), parts[1].longValue()));
    }

    private byte[] extension(byte[] header) throws IOException {
        long size = number(header, 124, 12);
        if (size > LONGEST_HEADER) {
            throw unfit("the tar has a header of more than " + LONGEST_HEADER + " bytes");
        }
        byte[] text = exactly((int) size);
        exactly((int) ((BLOCK - size % BLOCK) % BLOCK));
        return text;
    }

    private static void extend(Map<String, String> more, char type, byte[] text) throws ArchiveRejectedException {
        if (type == 'L') {
            int end = text.length;
            while (end > 0 && text[end - 1] == 0) {
                end--;
            }
            put(more, "path", decode(text, 0, end));
            return;
        }
        for (Map.Entry<String, String> field : fields(text).entrySet()) {
            String key = field.getKey();
            boolean kept = KEPT.contains(key);
            if (kept) {
                put(more, key, field.getValue());
            } else if (!isHarmless(key)) {
                throw unfit("the tar has a member that is sparse, a link, or of a kind that is not known");
            }
        }
    }

    private static void put(Map<String, String> more, String key, String value) throws ArchiveRejectedException {
        if (more.put(key, value) != null) {
            throw unfit("the tar describes a member twice");
        }
    }

    private static void requireHarmless(byte[] text) throws ArchiveRejectedException {
        for (String key : fields(text).keySet()) {
            if (!isHarmless(key)) {
                throw unfit("the tar changes what is said of all its members");
            }
        }
    }

    private static boolean isHarmless(String key) {
        return HARMLESS.contains(key) || key.startsWith("SCHILY.xattr.") || key.startsWith("LIBARCHIVE.");
    }

    /** {@code "<length> <key>=<value>\n"}, again and again. */
    private static Map<String, String> fields(byte[] text) throws ArchiveRejectedException {
        Map<String, String> fields = new HashMap<>();
        int at = 0;
        while (at < text.length) {
            int space = at;
            int length = 0;
            while (space < text.length && text[space] >= '0' && text[space] <= '9' && space - at < 6) {
                length = length * 10 + text[space++] - '0';
            }
            int end = at + length;
            int equals = space + 1;
            while (equals < text.length && text[equals] != '=') {
                equals++;
            }
            boolean fits = space < text.length
                    && text[space] == ' '
                    && end <= text.length
                    && equals < end - 1
                    && text[end - 1] == '\n';
            if (!fits) {
                throw unfit("the tar has a header that is garbled");
            }
            put(fields, decode(text, space + 1, equals), decode(text, equals + 1, end - 1));
            at = end;
        }
        return fields;
    }

    private static String text(byte[] header, int from, int length) throws ArchiveRejectedException {
        int end = from;
        while (end < from + length && header[end] != 0) {
            end++;
        }
        return decode(header, from, end);
    }

    private static String decode(byte[] bytes, int from, int to) throws ArchiveRejectedException {
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, to - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw unfit("a member's name is not UTF-8");
        }
    }

    /** Octal digits, or GNU's form for numbers that are too large for them. */
    private static long number(byte[] header, int from, int length) throws ArchiveRejectedException {
        if ((header[from] & 0x80) != 0) {
            ByteBuffer large = ByteBuffer.wrap(header, from + length - 8, 8);
            boolean small = (header[from] & 0x7f) == 0;
            for (int i = from + 1; i < from + length - 8; i++) {
                small &= header[i] == 0;
            }
            long number = large.getLong();
            if (!small || number < 0 || length < 9) {
                throw unfit("the tar has a number that is impossible");
            }
            return number;
        }
        String digits =
                new String(header, from, length, US_ASCII).replace('\0', ' ').trim();
        if (!digits.matches("[0-7]{0,12}")) {
            throw unfit("the tar has a number that is garbled");
        }
        return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    }

    private static void requireSum(byte[] header) throws ArchiveRejectedException {
        long sum = 8 * ' ';
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? 0 : header[i] & 0xff;
        }
        if (sum != number(header, 148, 8)) {
            throw damaged("a header of the tar has not the checksum that it says");
        }
    }

    private void end(Map<String, String> more) throws IOException {
        if (!more.isEmpty()) {
            throw damaged("the tar ends in the middle of a member");
        }
        if (!isZero(exactly(BLOCK))) {
            throw unfit("something follows the end of the tar");
        }
        byte[] chunk = new byte[BLOCK];
        int count = 0;
        for (int read = in.readNBytes(chunk, 0, BLOCK); read > 0; read = in.readNBytes(chunk, 0, BLOCK)) {
            count += read;
            if (count > LONGEST_PADDING || !isZero(Arrays.copyOf(chunk, read))) {
                throw unfit("something follows the end of the tar");
            }
        }
    }

    private static boolean isZero(byte[] bytes) {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private byte[] exactly(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw damaged("the tar is cut short");
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private final class Content extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = in.read(bytes, offset, (int) Math.min(length, left));
            if (count < 0) {
                throw damaged("the tar is cut short");
            }
            left -= count;
            return count;
        }
    }
}
