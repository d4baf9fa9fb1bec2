package dev.holdfast.files.archive.hostile;

import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.files.archive.FileArchives;
import dev.holdfast.sqlite.SqliteEngine;
import dev.holdfast.sqlite.file.SqliteSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** What is put to the test. */
final class Subject {
    private static final long LONGEST_LOG = 64 << 20;

    private Subject() {}

    /** @param root an empty directory */
    static ArchiveProbe in(Path root) throws IOException {
        SqliteSettings settings =
                new SqliteSettings(root.resolve("sqlite-scratch"), Duration.ofSeconds(10), LONGEST_LOG);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-11-21T08:00:00Z"));
        SqliteEngine engine = SqliteEngine.using(settings, clock, FailPoints.NONE);
        Path scratch = root.resolve("scratch");
        return ArchiveProbe.in(
                root, scratch, FileArchives.in(scratch, engine.forms(), PathRestrictions.NONE), engine.checks());
    }
}
