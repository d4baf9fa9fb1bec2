package dev.holdfast.files.archive.layout;

import java.util.Set;

/** What PocketBase calls the parts of its archives. */
public final class PocketBase {
    public static final String MAIN = "data.db";

    /** What stood in the place of the auxiliary database before version 0.23. */
    public static final String OLD_LOGS = "logs.db";

    public static final Set<String> AUXILIARY = Set.of("auxiliary.db", "aux.db");

    private PocketBase() {}
}
