package dev.holdfast.dialects.pocketbase;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/** Texts from outside in the few characters that PocketBase writes names and ids with. */
final class Normalized {
    private static final int ID_LENGTH = 15;
    private static final int SUFFIX_LENGTH = 10;
    private static final int LONGEST = 100;

    private Normalized() {}

    /** {@code My notes.txt} becomes {@code my_notes_x1y2z3a4b5.txt}: plain characters and a suffix of its own. */
    static String of(String filename) {
        int dot = filename.lastIndexOf('.');
        String base = dot > 0 ? filename.substring(0, dot) : filename;
        String extension = dot > 0 ? "." + plain(filename.substring(dot + 1)) : "";
        String plain = plain(base);
        return plain.substring(0, Math.min(LONGEST, plain.length())) + "_"
                + digest(filename).substring(0, SUFFIX_LENGTH) + extension;
    }

    /** The id that a record of this name has: 15 lower case letters and digits, the same for ever. */
    static String id(String name) {
        return digest(name).substring(0, ID_LENGTH);
    }

    private static String plain(String text) {
        return text.replaceAll("[^A-Za-z0-9]+", "_").toLowerCase(Locale.ROOT);
    }

    private static String digest(String text) {
        try {
            byte[] bytes = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "0"
                    .repeat(ID_LENGTH)
                    .concat(new BigInteger(1, bytes).toString(Character.MAX_RADIX))
                    .substring(ID_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
