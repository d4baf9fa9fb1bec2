package dev.holdfast.domain.access;

import java.util.regex.Pattern;

/** What a user or a service token is called: 1 to 128 letters, digits or {@code . _ @ + -}. */
public record AccountName(String value) {
    public static final String PATTERN = "[A-Za-z0-9._@+-]{1,128}";

    private static final Pattern SHAPE = Pattern.compile(PATTERN);

    public AccountName {
        if (!isValid(value)) {
            throw new IllegalArgumentException("name: not of the form " + PATTERN);
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
