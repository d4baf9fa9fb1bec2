package dev.holdfast.domain.identity;

import java.util.regex.Pattern;

/** What a registered database is called: 1 to 64 letters, digits, {@code _} or {@code -}. Also a folder's name. */
public record DatabaseName(String value) implements Comparable<DatabaseName> {
    /** What a name looks like, for messages and for the API's description. */
    public static final String PATTERN = "[A-Za-z0-9_-]{1,64}";

    private static final Pattern SHAPE = Pattern.compile(PATTERN);

    /** The database that a call means when it names none. */
    public static final DatabaseName DEFAULT = new DatabaseName("default");

    public DatabaseName {
        if (!isValid(value)) {
            throw new IllegalArgumentException("database name: \"" + value + "\" (expected: " + PATTERN + ")");
        }
    }

    public static boolean isValid(String text) {
        return SHAPE.matcher(text).matches();
    }

    @Override
    public int compareTo(DatabaseName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
