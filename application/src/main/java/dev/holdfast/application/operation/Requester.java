package dev.holdfast.application.operation;

import java.util.Optional;

/**
 * Who asks for an operation.
 *
 * @param name a user's or token's name, or {@link #ANONYMOUS}
 * @param idempotencyKey what the client calls this request, so that it can send it again: 1 to
 *     {@link #LONGEST_KEY} visible ASCII characters
 */
public record Requester(String name, Optional<String> idempotencyKey) {
    /** Who asks while access control is off. */
    public static final String ANONYMOUS = "anonymous";

    public static final int LONGEST_KEY = 255;

    public Requester {
        idempotencyKey.filter(it -> !isValidKey(it)).ifPresent(it -> {
            throw new IllegalArgumentException("idempotency key: expected 1 to 255 visible ASCII characters");
        });
    }

    public static boolean isValidKey(String text) {
        return !text.isEmpty() && text.length() <= LONGEST_KEY && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }
}
