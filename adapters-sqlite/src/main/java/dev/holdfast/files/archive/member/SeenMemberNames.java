package dev.holdfast.files.archive.member;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.domain.backup.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** The names that have been, as sixteen bytes of each one's SHA-256. */
public final class SeenMemberNames {
    private static final long KIND = 3;
    private static final long FILE = 1;
    private static final long IMPLIED = 2;
    private static final long DIRECTORY = 3;

    private final MessageDigest digest = Sha256.newDigest();
    private long[] high = new long[1 << 10];
    /** Its two lowest bits are the kind; zero where there is nothing. */
    private long[] low = new long[1 << 10];

    private int count;

    /** @throws ArchiveRejectedException if the name was there, or is below a file, or is a file with names below it */
    public void add(String name, boolean directory) throws ArchiveRejectedException {
        for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
            put(name.substring(0, slash), IMPLIED, name);
        }
        put(name, directory ? DIRECTORY : FILE, name);
    }

    private void put(String name, long kind, String shown) throws ArchiveRejectedException {
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(name.getBytes(UTF_8)));
        long first = hash.getLong();
        long second = hash.getLong() & ~KIND;
        int slot = slot(first, second);
        long old = low[slot] & KIND;
        boolean fits = old == 0 || (kind == IMPLIED && old != FILE) || (kind == DIRECTORY && old == IMPLIED);
        if (!fits) {
            throw ArchiveRejectedException.unfit(
                    "the name " + MemberNames.shown(shown) + " is there twice, or below a file");
        }
        if (old == 0) {
            high[slot] = first;
            count++;
        }
        low[slot] = second | Math.max(old, kind);
        if (count > high.length / 2) {
            grow();
        }
    }

    private int slot(long first, long second) {
        int slot = (int) first & high.length - 1;
        while ((low[slot] & KIND) != 0 && (high[slot] != first || (low[slot] & ~KIND) != second)) {
            slot = slot + 1 & high.length - 1;
        }
        return slot;
    }

    private void grow() {
        long[] oldHigh = high;
        long[] oldLow = low;
        high = new long[oldHigh.length * 2];
        low = new long[oldLow.length * 2];
        for (int i = 0; i < oldHigh.length; i++) {
            if ((oldLow[i] & KIND) != 0) {
                int slot = slot(oldHigh[i], oldLow[i] & ~KIND);
                high[slot] = oldHigh[i];
                low[slot] = oldLow[i];
            }
        }
    }
}
