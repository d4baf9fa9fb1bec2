package dev.holdfast.application.archive;

import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.FileOwnership;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What came of taking an archive apart. */
public sealed interface UnpackResult {
    /** Every member was read to its end and is what was written; the caller closes. */
    record Unpacked(Parts parts) implements UnpackResult {}

    /** Its bytes are not whole: cut short, a wrong checksum, a member missing that its own list names. */
    record Damaged(String finding) implements UnpackResult {}

    /** It is no archive of this layout, or asks for what none may: names that lead elsewhere, links, encryption. */
    record Invalid(String finding) implements UnpackResult {}

    /** It unfolds to more than the limits allow. */
    record TooLarge(String finding) implements UnpackResult {}

    /** An archive's content in a private place. Closing removes what nobody has moved away; idempotent. */
    interface Parts extends AutoCloseable {
        /** The SQLite files that both the archive and the source know, in the source's order; none was checked yet. */
        List<DatabasePart> databases();

        /** The directories that both the archive and the source know; empty unless they were to be unpacked. */
        List<DirectoryPart> directories();

        /** What of the archive the source has no place for, in one line for a person. */
        Optional<String> remark();

        /**
         * Why the archive, whole as it is, would not be restored over the source as that is now, in one line for a person:
         * an archive that is taken apart for a restore is {@link Invalid} for this reason.
         */
        Optional<String> obstacle();

        @Override
        void close();
    }

    /**
     * @param target as the source names it
     * @param ownership that the backup recorded of the file; empty if it recorded none, or may give nothing away
     */
    record DatabasePart(Path target, Artifact image, Optional<FileOwnership> ownership) {
        public DatabasePart(Path target, Artifact image) {
            this(target, image, Optional.empty());
        }
    }

    /**
     * @param target as the source names it
     * @param staged durable, on the target's file system if it is there for a restore
     * @param unrecorded what the target holds that the backup could not record
     */
    record DirectoryPart(Path target, Path staged, Unrecorded unrecorded) {
        public DirectoryPart(Path target, Path staged) {
            this(target, staged, () -> new Unrecorded.CarriedOver(List.of(), List.of()));
        }
    }

    /** The files of a directory that no backup holds. A restore of the directory must not remove them. */
    @FunctionalInterface
    interface Unrecorded {
        /**
         * Gives each of them its name in the staged directory too; nothing is taken out of the target. To be called just
         * before the directories are exchanged.
         *
         * @throws dev.holdfast.domain.problem.ProblemException with {@code BackupIncompatible} if one cannot have it
         */
        CarriedOver carryOver();

        /**
         * @param names below the target, for a person
         * @param replaced those of which the backup holds another file with the same name
         */
        record CarriedOver(List<String> names, List<String> replaced) {
            public CarriedOver {
                names = List.copyOf(names);
                replaced = List.copyOf(replaced);
            }
        }
    }
}
