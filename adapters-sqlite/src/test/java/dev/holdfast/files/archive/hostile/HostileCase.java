package dev.holdfast.files.archive.hostile;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.domain.backup.Layout;
import java.util.EnumSet;
import java.util.Set;

/**
 * An archive to be careful with.
 *
 * @param expected of which one has to come out; several where it is a matter of taste what is found first
 * @param foreign is not to be taken for an archive; for a plain database it may
 * @param databases what a check of the unpacked databases may find, where it can be unpacked
 */
record HostileCase(
        String title,
        Layout layout,
        Set<Came> expected,
        boolean foreign,
        Set<Found> databases,
        Extent extent,
        UnpackLimits limits,
        Bytes bytes) {
    static final UnpackLimits LIMITS = new UnpackLimits(64 << 20, 10_000, 100);

    /** What came of unpacking. */
    enum Came {
        UNPACKED,
        DAMAGED,
        UNFIT,
        TOO_LARGE
    }

    /** What SQLite found in a database. */
    enum Found {
        SOUND,
        DAMAGED,
        NOT_A_DATABASE
    }

    static HostileCase of(String title, Layout layout, Set<Came> expected, Bytes bytes) {
        return new HostileCase(title, layout, expected, false, EnumSet.of(Found.SOUND), Extent.RESTORE, LIMITS, bytes);
    }

    static HostileCase of(String title, Layout layout, Set<Came> expected, byte[] bytes) {
        return of(title, layout, expected, Bytes.of(bytes));
    }

    HostileCase asForeign() {
        return new HostileCase(title, layout, expected, true, databases, extent, limits, bytes);
    }

    HostileCase withDatabases(Found first, Found... others) {
        return new HostileCase(title, layout, expected, foreign, EnumSet.of(first, others), extent, limits, bytes);
    }

    HostileCase within(UnpackLimits other, Extent extent) {
        return new HostileCase(title, layout, expected, foreign, databases, extent, other, bytes);
    }

    @Override
    public String toString() {
        return title;
    }
}
