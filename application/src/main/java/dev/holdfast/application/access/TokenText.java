package dev.holdfast.application.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * What a service token looks like: {@code hft_} and 32 random bytes in base64url, 47 characters. The prefix lets a
 * scanner for leaked secrets find it. The text is random enough that a plain SHA-256 cannot be turned back.
 */
public final class TokenText {
    public static final String PREFIX = "hft_";

    private static final int RANDOM_BYTES = 32;
    private static final Pattern SHAPE = Pattern.compile(PREFIX + "[A-Za-z0-9_-]{43}");

    private TokenText() {}

    /** @param random a cryptographically strong one */
    public static Supplier<String> mint(RandomGenerator random) {
        return () -> {
            byte[] bytes = new byte[RANDOM_BYTES];
            random.nextBytes(bytes);
            return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        };
    }

    /** Hex, as {@link Accounts} keeps it; empty if the text has not a token's shape. */
    static Optional<String> sha256(String token) {
        return SHAPE.matcher(token).matches() ? Optional.of(HexFormat.of().formatHex(digest(token))) : Optional.empty();
    }

    static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
