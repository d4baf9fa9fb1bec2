package dev.holdfast.sqlite;

/** The files that one database can leave behind. */
enum LeftoverPart {
    MAIN(""),
    WAL("-wal"),
    WAL_INDEX("-shm"),
    JOURNAL("-journal"),
    SUPER_JOURNAL("-mj123456997");

    private static final String MAIN_NAME = "app.db";

    private final String suffix;

    LeftoverPart(String suffix) {
        this.suffix = suffix;
    }

    String fileName() {
        return MAIN_NAME + suffix;
    }
}
