package dev.holdfast.files.archive;

import java.nio.file.Path;

/** Where a member's bytes go. */
sealed interface Place {
    /** Read and compared only. */
    record Nowhere() implements Place {}

    /** Not known to the source. */
    record Unknown(String shown) implements Place {}

    /** @param database whose bytes these are, as the source names it */
    record Database(Path database) implements Place {}

    /** @param database beside which the log lies */
    record Log(Path database) implements Place {}

    /** The JSON to load the main database from. */
    record Dump() implements Place {}

    /** @param path below the directory; empty for the directory itself */
    record InDirectory(Path directory, String path) implements Place {}
}
