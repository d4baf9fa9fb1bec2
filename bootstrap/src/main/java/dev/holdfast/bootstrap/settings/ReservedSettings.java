package dev.holdfast.bootstrap.settings;

import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.grpc.server.GrpcSettings.Tls;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.ReservedPlaces;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What no path of a database may lead to: the server's own files, and the backups. */
public final class ReservedSettings {
    static final String SERVER = "the server itself";

    private ReservedSettings() {}

    /** @param dataDir may be reached over links */
    public static ReservedPlaces of(Settings settings, Path dataDir) {
        Map<Path, String> files = new LinkedHashMap<>();
        serverFiles(dataDir).forEach(it -> files.put(it, SERVER));
        Stream.concat(settings.file().stream(), settings.grpc().tls().stream().flatMap(ReservedSettings::tls))
                .forEach(it -> files.put(DatabaseIsolationCheck.canonical(it), SERVER));
        Map<Path, String> folders = new LinkedHashMap<>();
        serverFolders(dataDir).forEach(it -> folders.put(it, SERVER));
        for (DatabaseSettings database : settings.databases()) {
            folders.put(DatabaseIsolationCheck.canonical(database.backupDirectory()), backups(database.name()));
        }
        return new ReservedPlaces(files, folders);
    }

    public static String backups(DatabaseName database) {
        return "the backups of database " + database;
    }

    private static Stream<Path> tls(Tls tls) {
        return Stream.concat(Stream.of(tls.certificate(), tls.privateKey()), tls.clientCa().stream());
    }

    /** Without links. They need not exist. */
    static List<Path> serverFiles(Path dataDir) {
        Path data = DatabaseIsolationCheck.canonical(dataDir);
        return Stream.concat(
                        KnownFiles.withSidecars(data.resolve("holdfast.db")),
                        Stream.of("jwt-secret", "server-id", "holdfast.lock", "holdfast.heartbeat")
                                .map(data::resolve))
                .toList();
    }

    static List<Path> serverFolders(Path dataDir) {
        Path data = DatabaseIsolationCheck.canonical(dataDir);
        return List.of(data.resolve("scratch"), data.resolve("unpacking"));
    }
}
