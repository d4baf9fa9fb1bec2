package dev.holdfast.domain.identity;

import java.util.regex.Pattern;

/** An operation's identity: 1 to 64 letters, digits or {@code -}, unique for ever in one data directory. */
public record OperationId(String value) {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9-]{1,64}");

    public OperationId {
        if (!isValid(value)) {
            throw new IllegalArgumentException("operation id: \"" + value + "\" (expected: " + SHAPE + ")");
        }
    }

    public static boolean isValid(String text) {
        return SHAPE.matcher(text).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
