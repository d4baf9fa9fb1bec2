package dev.holdfast.files.archive.layout;

/** What Dispatcharr calls the parts of its archives. */
public final class Dispatcharr {
    public static final String FORMAT = "dispatcharr-backup";

    public static final String ZIP_DATABASE = "database.sqlite3";
    public static final String METADATA = "metadata.json";
    /** What we add to the metadata. */
    public static final String OWN = "holdfast";

    /** Where the database is kept as it is, in place of the dump. */
    public static final String TAR_DATABASE = "database.sqlite3";

    public static final String DUMP = "database.json";
    public static final String MANIFEST = "manifest.json";
    public static final String DATA = "data/";
    public static final String RECORDINGS = "recordings";

    private Dispatcharr() {}
}
