package dev.holdfast.files.archive;

import java.util.Set;

/** What PocketBase calls the parts of its archives. */
final class PocketBase {
    static final String MAIN = "data.db";

    /** What stood in the place of the auxiliary database before version 0.23. */
    static final String OLD_LOGS = "logs.db";

    static final Set<String> AUXILIARY = Set.of("auxiliary.db", "aux.db");

    private PocketBase() {}
}
