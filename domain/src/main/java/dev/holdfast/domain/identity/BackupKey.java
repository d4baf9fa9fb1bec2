package dev.holdfast.domain.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * What a store calls an artifact: one plain file name of 1 to 255 bytes of UTF-8 (a file name's limit on Linux, below
 * an S3 key's 1024). It has no {@code /}, no {@code \}, no control character, does not begin with a dot, and so can
 * name neither another folder nor a hidden file.
 */
public record BackupKey(String value) implements Comparable<BackupKey> {
    public static final int LONGEST_BYTES = 255;

    public BackupKey {
        if (!isValid(value)) {
            throw new IllegalArgumentException("backup key: not a plain file name of 1 to 255 bytes");
        }
    }

    public static boolean isValid(String text) {
        return !text.isEmpty()
                && text.charAt(0) != '.'
                && text.codePoints().noneMatch(BackupKey::isForbidden)
                && text.getBytes(UTF_8).length <= LONGEST_BYTES;
    }

    private static boolean isForbidden(int codePoint) {
        return codePoint == '/'
                || codePoint == '\\'
                || Character.isISOControl(codePoint)
                || Character.getType(codePoint) == Character.SURROGATE;
    }

    @Override
    public int compareTo(BackupKey other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
