package dev.holdfast.domain.backup;

import java.time.Instant;
import java.util.Optional;

/**
 * The doubt whether a backup holds what the database is there for. The backup is a faithful copy all the same.
 *
 * @param since when the pause of retention began that this backup belongs to: the moment of its first suspicious backup
 * @param begins whether the pause began with this backup
 * @param open whether the pause still lasts, unless a restore has ended it
 * @param reference what the backup was compared with, fixed when the pause began
 */
public record Suspicion(Kind kind, Instant since, boolean begins, boolean open, Reference reference) {
    /** A backup is suspicious if its image has less than this part of the usual size. */
    public static final int PART = 10;

    /** What does not fit. */
    public enum Kind {
        /** The main file has no byte. */
        EMPTY,
        /** The image is much smaller than usual. */
        SMALLER,
        /** The change counter went back: an older file, or a new one, is in the place of the database. */
        OLDER
    }

    /**
     * The good backups that an image is compared with.
     *
     * @param size the median size of their images in bytes; empty if it is not known
     * @param changeCounter of the newest one; empty if it is not known, or if a restore has set it
     */
    public record Reference(Optional<Long> size, Optional<Long> changeCounter) {
        /** A counter of 32 bits begins again at 0 behind this range. */
        private static final long NEARLY_WRAPPED = 0xFF00_0000L;

        private static final long JUST_WRAPPED = 0x0100_0000L;

        /** Returns what does not fit in {@code image}, if something does not. */
        public Optional<Kind> doubt(MainImage image) {
            if (image.size() == 0) {
                return Optional.of(Kind.EMPTY);
            }
            if (size.filter(it -> image.size() * PART < it).isPresent()) {
                return Optional.of(Kind.SMALLER);
            }
            return changeCounter
                    .filter(before -> image.changeCounter()
                            .filter(now -> isBelow(now, before))
                            .isPresent())
                    .map(_ -> Kind.OLDER);
        }

        private static boolean isBelow(long now, long before) {
            boolean wrapped = before >= NEARLY_WRAPPED && now < JUST_WRAPPED;
            return now < before && !wrapped;
        }
    }

    public Suspicion closed() {
        return new Suspicion(kind, since, begins, false, reference);
    }

    /**
     * Returns the doubt in a sentence for a person.
     *
     * @param image of the backup
     */
    public String text(MainImage image) {
        return switch (kind) {
            case EMPTY -> "The database file is empty (0 bytes), and the backup before had content.";
            case SMALLER ->
                "The image of the database has " + image.size() + " bytes, less than a tenth of the "
                        + known(reference.size()) + " bytes that are usual.";
            case OLDER ->
                "The change counter of the database is " + known(image.changeCounter()) + ", below "
                        + known(reference.changeCounter())
                        + " in the backup before: an older file or a new one is in its place.";
        };
    }

    /** Metadata that a person has edited may lack a number. */
    private static String known(Optional<Long> number) {
        return number.map(String::valueOf).orElse("(unknown)");
    }
}
