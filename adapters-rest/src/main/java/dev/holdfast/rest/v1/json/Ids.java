package dev.holdfast.rest.v1.json;

import java.util.Locale;

/** How enum values are written: lower case, {@code checking_copy}. */
public final class Ids {
    private Ids() {}

    public static String of(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
