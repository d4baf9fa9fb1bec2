package dev.holdfast.domain.backup;

import java.util.Locale;

/** What an artifact is, for whoever opens it without Holdfast. */
public enum Layout {
    SQLITE("application/x-sqlite3"),
    POCKETBASE_ZIP("application/zip"),
    DISPATCHARR_ZIP("application/zip"),
    DISPATCHARR_TAR_GZ("application/gzip");

    private final String mediaType;

    Layout(String mediaType) {
        this.mediaType = mediaType;
    }

    /** Whether it holds the database's rows as text instead of its file. */
    public boolean hasDump() {
        return this == DISPATCHARR_TAR_GZ;
    }

    public String mediaType() {
        return mediaType;
    }

    /** As APIs and settings write it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
