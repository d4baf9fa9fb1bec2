package dev.holdfast.application.archive;

import dev.holdfast.application.store.Artifact;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What came of taking an archive apart. */
public sealed interface Unpacking {
    /** Every member was read to its end and is what was written; the caller closes. */
    record Unpacked(Parts parts) implements Unpacking {}

    /** Its bytes are not whole: cut short, a wrong checksum, a member missing that its own list names. */
    record Damaged(String finding) implements Unpacking {}

    /** It is no archive of this layout, or asks for what none may: names that lead elsewhere, links, encryption. */
    record Unfit(String finding) implements Unpacking {}

    /** It unfolds to more than the limits allow. */
    record TooLarge(String finding) implements Unpacking {}

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
         * an archive that is taken apart for a restore is {@link Unfit} for this reason.
         */
        Optional<String> obstacle();

        @Override
        void close();
    }

    /** @param target as the source names it */
    record DatabasePart(Path target, Artifact image) {}

    /**
     * @param target as the source names it
     * @param staged durable, on the target's file system if it is there for a restore
     */
    record DirectoryPart(Path target, Path staged) {}
}
