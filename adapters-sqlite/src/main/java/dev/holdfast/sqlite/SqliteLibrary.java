package dev.holdfast.sqlite;

import dev.holdfast.tree.Mounts;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite itself, which the driver unpacks into a file before it can be loaded. No library is loaded from a file system
 * that is mounted {@code noexec}.
 */
public final class SqliteLibrary {
    private static final System.Logger LOG = System.getLogger(SqliteLibrary.class.getName());

    /** The driver's own setting, which an administrator can give too. */
    private static final String DIRECTORY = "org.sqlite.tmpdir";

    private SqliteLibrary() {}

    /**
     * Loads the library unless it is loaded. It is unpacked in the first of these places from which one can be loaded: the
     * directory that {@code org.sqlite.tmpdir} names, {@code first}, the JVM's directory for temporary files, {@code
     * /var/tmp}, the user's home. It is removed from there at once.
     *
     * @throws IOException if it cannot be loaded from any of them; the message names {@code noexec} and the setting
     */
    public static void load(Path first) throws IOException {
        load(
                first,
                Stream.of(System.getProperty("java.io.tmpdir"), "/var/tmp", System.getProperty("user.home"))
                        .map(Path::of)
                        .toList());
    }

    static synchronized void load(Path first, List<Path> others) throws IOException {
        String given = System.getProperty(DIRECTORY);
        List<Path> places = new ArrayList<>();
        if (given != null) {
            places.add(Path.of(given));
        }
        places.add(first);
        places.addAll(others);
        List<String> failures = new ArrayList<>();
        for (Path place : places) {
            String failure = loadFrom(place);
            if (failure.isEmpty()) {
                if (!failures.isEmpty()) {
                    LOG.log(
                            Level.INFO,
                            "SQLite''s library was loaded from {0}: {1}",
                            place,
                            String.join(", ", failures));
                }
                return;
            }
            failures.add(place + " " + failure);
        }
        throw new IOException("SQLite's library cannot be loaded: " + String.join(", ", failures)
                + ". Name a directory from which programs may run: HOLDFAST_JAVA_OPTS=-D" + DIRECTORY + "=DIRECTORY");
    }

    /** @return why it could not be loaded; empty if it is loaded */
    private static String loadFrom(Path place) {
        if (!Files.isDirectory(place)) {
            return "is no directory";
        }
        String before = System.getProperty(DIRECTORY);
        try {
            if (Mounts.isNoExec(place.toRealPath())) {
                return "is mounted noexec";
            }
            Path folder = Files.createTempDirectory(
                    place,
                    "sqlite-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try {
                System.setProperty(DIRECTORY, folder.toString());
                return SQLiteJDBCLoader.initialize() ? "" : "does not let it be loaded";
            } finally {
                remove(folder);
            }
        } catch (IOException e) {
            return "cannot be written";
        } catch (Exception e) {
            return "does not let it be loaded (noexec?)";
        } finally {
            if (before == null) {
                System.clearProperty(DIRECTORY);
            } else {
                System.setProperty(DIRECTORY, before);
            }
        }
    }

    /**
     * The library is loaded by now. FUSE and NFS keep a file that is open under another name, so its folder is not empty
     * until this process ends; the next start removes it.
     */
    private static void remove(Path folder) {
        try {
            SecureDirectories.delete(folder);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, folder + " is removed at the next start", e);
        }
    }
}
