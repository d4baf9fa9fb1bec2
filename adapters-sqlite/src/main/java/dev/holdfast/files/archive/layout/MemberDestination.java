package dev.holdfast.files.archive.layout;

import java.nio.file.Path;

/** Where a member's bytes go. */
public sealed interface MemberDestination {
    /** Read and compared only. */
    record Nowhere() implements MemberDestination {}

    /** Not known to the source. */
    record Unknown(String shown) implements MemberDestination {}

    /** @param database whose bytes these are, as the source names it */
    record Database(Path database) implements MemberDestination {}

    /** @param database beside which the log lies */
    record Log(Path database) implements MemberDestination {}

    /** The JSON to load the main database from. */
    record Dump() implements MemberDestination {}

    /** @param path below the directory; empty for the directory itself */
    record InDirectory(Path directory, String path) implements MemberDestination {}
}
