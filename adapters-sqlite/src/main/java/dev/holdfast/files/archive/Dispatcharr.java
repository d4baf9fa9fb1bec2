package dev.holdfast.files.archive;

/** What Dispatcharr calls the parts of its archives. */
final class Dispatcharr {
    static final String FORMAT = "dispatcharr-backup";

    static final String ZIP_DATABASE = "database.sqlite3";
    static final String METADATA = "metadata.json";
    /** What we add to the metadata. */
    static final String OWN = "holdfast";

    /** Where the database is kept as it is, in place of the dump. */
    static final String TAR_DATABASE = "database.sqlite3";

    static final String DUMP = "database.json";
    static final String MANIFEST = "manifest.json";
    static final String DATA = "data/";
    static final String RECORDINGS = "recordings";

    private Dispatcharr() {}
}
