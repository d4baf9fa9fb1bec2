package dev.holdfast.application.archive;

import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.database.Source;
import java.time.Instant;
import java.util.List;

/**
 * What goes into an archive.
 *
 * @param databases in the source's order, all of one moment, the main file first unless it is missing
 * @param at the server's clock at that moment
 * @param verbatim every database as the file it is, also in a layout that otherwise holds a dump: a damaged one has no
 *     other form, and a large one keeps its applications waiting for less time
 * @param databasesRead told when no image is needed any more; the directories are read after that
 */
public record Contents(
        Source source,
        List<DatabaseImage> databases,
        Instant at,
        Compression compression,
        boolean verbatim,
        Runnable databasesRead) {
    public Contents {
        databases = List.copyOf(databases);
    }
}
