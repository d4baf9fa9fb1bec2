package dev.holdfast.sqlite.dump;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What SQLite makes of a value that is stored in a column of a declared type. */
enum Affinity {
    NONE,
    TEXT,
    NUMERIC,
    REAL;

    /** What SQLite takes for a number and stores as one. */
    private static final Pattern NUMBER =
            Pattern.compile("[\\t-\\r ]*+[+-]?(?:[0-9]++\\.?[0-9]*+|\\.[0-9]++)(?:[eE][+-]?[0-9]++)?[\\t-\\r ]*+");

    private static final double TWO_TO_63 = 0x1p63;

    /** By the rules of SQLite, in its order. */
    static Affinity of(String declared, boolean strict) {
        String type = declared.toUpperCase(Locale.ROOT);
        if (type.contains("INT")) {
            return NUMERIC;
        }
        if (type.contains("CHAR") || type.contains("CLOB") || type.contains("TEXT")) {
            return TEXT;
        }
        if (type.isEmpty() || type.contains("BLOB") || (strict && "ANY".equals(type))) {
            return NONE;
        }
        return type.contains("REAL") || type.contains("FLOA") || type.contains("DOUB") ? REAL : NUMERIC;
    }

    /**
     * Whether a value is stored as what it is. One that is not can only be in a database whose schema was changed under
     * its rows, and no INSERT brings it back.
     */
    boolean keeps(@Nullable Object value) {
        return switch (this) {
            case NONE -> true;
            case TEXT -> !(value instanceof Number);
            case NUMERIC -> !isNumber(value) && !(value instanceof Double real && isInteger(real));
            case REAL -> !isNumber(value) && !(value instanceof Long) && !(value instanceof Integer);
        };
    }

    private static boolean isNumber(@Nullable Object value) {
        return value instanceof String text && NUMBER.matcher(text).matches();
    }

    private static boolean isInteger(double real) {
        return real == Math.rint(real) && Math.abs(real) < TWO_TO_63;
    }
}
