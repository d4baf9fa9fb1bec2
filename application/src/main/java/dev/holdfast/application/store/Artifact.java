package dev.holdfast.application.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** Immutable bytes that can be read from any offset. Never a live database. Safe for use by several threads. */
public interface Artifact {
    /** In bytes. */
    long size();

    /**
     * The bytes from {@code offset} to the end; the caller closes.
     *
     * @param offset 0 to {@link #size()}
     */
    InputStream open(long offset) throws IOException;

    /**
     * The ordinary local file that holds just these bytes, if there is one. It may be opened for reading in place,
     * by SQLite only as {@code immutable}. A short cut: whoever uses it has to work without it too.
     */
    Optional<Path> file();

    /**
     * What tells this content from any other that the key has had or will have, without reading it: equal versions of
     * one key mean that nobody has written in between. A failing disk is not noticed.
     */
    String version();

    /** When these bytes were last written, by the store's clock; empty if the store does not know. */
    default Optional<Instant> modified() {
        return Optional.empty();
    }

    /**
     * What lies beside a plain database and may hold a part of it, with what to do, in a sentence for a person. Not of
     * these bytes, which are all that Holdfast itself ever writes: for what somebody else has put there.
     */
    default Optional<String> beside() {
        return Optional.empty();
    }
}
