package dev.holdfast.store.directory;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.layout.LayoutDetector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Local stores as the tests need them. */
final class TestStore {
    static final Instant NOW = Instant.parse("2026-04-14T00:00:00Z");
    static final BackupKey A = new BackupKey("app_20260413_120000.db");
    static final BackupKey B = new BackupKey("app_20260413_120001.db");

    private TestStore() {}

    static BackupStore in(Path directory) {
        return in(directory, FailPoints.NONE);
    }

    static BackupStore in(Path directory, FailPoints failPoints) {
        return in(directory, Profile.NATIVE, Set.of(), failPoints);
    }

    static BackupStore in(Path directory, InstantSource clock) {
        return LocalStore.in(
                directory,
                "server",
                DatabaseName.DEFAULT,
                Naming.of(Profile.NATIVE, "app"),
                Set.of(),
                clock,
                FailPoints.NONE,
                LayoutDetector::archive);
    }

    /** As a server with another data directory opens it. */
    static BackupStore ofAnotherServerIn(Path directory) {
        return LocalStore.in(
                directory,
                "other",
                DatabaseName.DEFAULT,
                Naming.of(Profile.NATIVE, "app"),
                Set.of(),
                InstantSource.fixed(NOW),
                FailPoints.NONE,
                LayoutDetector::archive);
    }

    static BackupStore in(Path directory, Profile profile, Set<Path> notBackups, FailPoints failPoints) {
        return LocalStore.in(
                directory,
                "server",
                DatabaseName.DEFAULT,
                Naming.of(profile, "app"),
                notBackups,
                InstantSource.fixed(NOW),
                failPoints,
                LayoutDetector::archive);
    }

    /** A store on a file system that knows no hard links. */
    static BackupStore withoutHardLinksIn(Path directory) {
        return DirectoryStore.in(
                setup(directory, "server", KnownStores.inMemory()),
                InstantSource.fixed(NOW),
                FailPoints.NONE,
                (part, name) -> {
                    throw new UnsupportedOperationException();
                });
    }

    /** Of database {@code default}, whose main file is {@code source.db} next to the directory. */
    static LocalStore.Setup setup(Path directory, String server, KnownStores known) {
        return new LocalStore.Setup(
                directory,
                server,
                DatabaseName.DEFAULT,
                Naming.of(Profile.NATIVE, "app"),
                Set.of(),
                directory.resolveSibling("source.db"),
                Set.of(DatabaseName.DEFAULT),
                known,
                new SecureRandom(),
                LayoutDetector::archive);
    }

    static Path metadata(Path directory, BackupKey key) {
        return directory.resolve(".holdfast/meta/" + key + ".json");
    }

    static List<String> keys(BackupStore store) {
        return store.list().stream().map(it -> it.key().value()).toList();
    }

    /** All files below {@code directory}, without the folders and without what says which store it is. */
    static List<String> filesIn(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(it -> !Files.isDirectory(it))
                    .map(it -> directory.relativize(it).toString())
                    .filter(it -> !it.equals(".holdfast/changes.lock"))
                    .filter(it -> !it.equals(".holdfast/store.json") && !it.startsWith(".holdfast/marks/"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
