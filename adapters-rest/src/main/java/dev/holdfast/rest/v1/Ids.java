package dev.holdfast.rest.v1;

import java.util.Locale;

/** How enum values are written: lower case, {@code checking_copy}. */
final class Ids {
    private Ids() {}

    static String of(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
