package dev.holdfast.sqlite.restore;

import java.io.IOException;
import java.nio.file.Path;

/** Where one database of a restore goes to. */
sealed interface RestoreTarget extends AutoCloseable permits ExistingTarget, MissingTarget {
    /** As the source names it. */
    Path name();

    Path directory();

    /** In bytes, in the directory. */
    long spaceNeeded() throws IOException;

    @Override
    void close();
}
