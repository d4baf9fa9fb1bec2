package dev.holdfast.sqlite.io;

/**
 * The page with the bytes that SQLite locks. It never holds data, and SQLite neither reads nor writes it. See {@code
 * docs/internals/locks.md#the-lock-page}.
 */
public final class LockPage {
    /** The offset of the PENDING byte. RESERVED is the next byte, and the SHARED bytes follow. */
    public static final long PENDING_BYTE = 0x4000_0000L;

    private LockPage() {}

    /** Returns its number, counted from 1. A database that is smaller does not have the page. */
    public static long number(int pageSize) {
        return PENDING_BYTE / pageSize + 1;
    }
}
