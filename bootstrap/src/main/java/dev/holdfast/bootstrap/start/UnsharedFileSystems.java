package dev.holdfast.bootstrap.start;

import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.sqlite.file.UnsharedLocks;
import dev.holdfast.tree.MountTable.Mount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the operator has to know of file systems whose locks are not shared, at the start. */
public final class UnsharedFileSystems {
    private UnsharedFileSystems() {}

    /** Warnings about one database. Follows links, so it may hang. */
    public static List<String> of(DatabaseSettings database) throws IOException {
        List<String> warnings = new ArrayList<>();
        String name = "database " + database.name() + ": ";
        if (!database.sharedLocks()) {
            for (Path file : database.source().databaseFiles()) {
                UnsharedLocks.find(file).ifPresent(it -> warnings.add(name + it.warning()));
            }
        }
        UnsharedLocks.find(database.backupDirectory())
                .ifPresent(it -> warnings.add(name + "the backup directory " + shown(it.file(), it.on())
                        + ". Backups are made there and checked. But another server that uses this directory on"
                        + " another machine or under another path is not noticed by locks: give each server a"
                        + " directory of its own."));
        return warnings;
    }

    public static List<String> ofDataDirectory(Path directory) throws IOException {
        return UnsharedLocks.find(directory).stream()
                .map(it -> "holdfast.data-dir: " + shown(it.file(), it.on())
                        + ". A second server on this directory is noticed by a file that this server writes every few"
                        + " seconds, and not by a lock. Put the data directory on a local disk if you can.")
                .toList();
    }

    private static String shown(Path path, Mount mount) {
        return path + " is on a file system whose locks other programs may not see (" + mount.shown() + ")";
    }
}
