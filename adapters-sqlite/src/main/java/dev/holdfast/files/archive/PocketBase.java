package dev.holdfast.files.archive;

/** What PocketBase calls the parts of its archives. */
final class PocketBase {
    static final String MAIN = "data.db";

    private PocketBase() {}
}
