package dev.holdfast.application.store;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** The identity of a store: 128 random bits as 32 hexadecimal digits. */
public record StoreId(String value) {
    public static final String PATTERN = "[0-9a-f]{32}";

    private static final int BYTES = 16;

    public StoreId {
        if (!value.matches(PATTERN)) {
            throw new IllegalArgumentException(
                    "store id: " + value.length() + " characters (expected: " + PATTERN + ")");
        }
    }

    public static StoreId random(RandomGenerator random) {
        byte[] bits = new byte[BYTES];
        random.nextBytes(bits);
        return new StoreId(HexFormat.of().formatHex(bits));
    }

    @Override
    public String toString() {
        return value;
    }
}
