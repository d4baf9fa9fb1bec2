package dev.holdfast.bootstrap.server;

import dev.holdfast.domain.identity.OperationId;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** UUIDs of version 7 (RFC 9562, section 5.7): the millisecond, then 74 random bits. */
record TimeOrderedIds(InstantSource clock, RandomGenerator random) implements Supplier<OperationId> {
    private static final long VERSION = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    @Override
    public OperationId get() {
        long high = (clock.millis() << 16) | VERSION | (random.nextLong() & 0xfffL);
        long low = VARIANT | (random.nextLong() >>> 2);
        return new OperationId(new UUID(high, low).toString());
    }
}
