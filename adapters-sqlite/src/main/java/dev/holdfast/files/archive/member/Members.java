package dev.holdfast.files.archive.member;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** An archive's members in the order of their bytes, each looked at once. */
public interface Members extends Closeable {
    /** The next one, null after the last; what is left of the one before is read first. */
    @Nullable
    Member next() throws IOException;

    /** The last one's bytes; at their end they have been compared with their checksum. */
    InputStream content();
}
