package dev.holdfast.endtoend.soak;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A database as SQLite's shell shows it: the dump in a file, and what a dump leaves out.
 *
 * @param dump with the rowids, also of tables that do not declare one
 * @param pages the page images but the first, if the dump is not complete
 * @param errors what the shell reports while it dumps; empty if the dump is complete
 */
record SqliteView(
        Path dump,
        Path plainDump,
        Path pages,
        String settings,
        String pageSize,
        String journalMode,
        String integrity,
        String errors) {
    private static final String INCOMPLETE = "ROLLBACK; -- due to errors";

    /** @param database opened for this alone */
    static SqliteView of(Path database, Path dump) throws IOException {
        try (Sqlite shell = Sqlite.open(database)) {
            return of(shell, dump);
        }
    }

    /** @param dump a file that is written, and so are two files next to it */
    static SqliteView of(Sqlite shell, Path dump) throws IOException {
        Path plainDump = dump.resolveSibling(dump.getFileName() + ".plain");
        Path pages = dump.resolveSibling(dump.getFileName() + ".pages");
        String errors = shell.print(".dump --preserve-rowids", dump) + shell.print(".dump", plainDump);
        if (errors.isEmpty() && tail(dump).contains(INCOMPLETE)) {
            errors = "the dump ends with " + INCOMPLETE;
        }
        Files.deleteIfExists(pages);
        if (!errors.isEmpty()) {
            errors += shell.print("SELECT pgno, hex(data) FROM sqlite_dbpage WHERE pgno > 1;", pages);
        }
        return new SqliteView(
                dump,
                plainDump,
                pages,
                shell.run("PRAGMA application_id; PRAGMA user_version; PRAGMA encoding; PRAGMA auto_vacuum"),
                shell.run("PRAGMA page_size"),
                shell.run("PRAGMA journal_mode"),
                shell.run("PRAGMA integrity_check"),
                errors);
    }

    private static String tail(Path file) throws IOException {
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            in.seek(Math.max(0, in.length() - 64));
            byte[] bytes = new byte[64];
            int length = in.read(bytes);
            return new String(bytes, 0, Math.max(0, length), StandardCharsets.UTF_8);
        }
    }

    boolean isComplete() {
        return errors.isEmpty();
    }

    /** Whether SQLite finds nothing wrong with it. */
    boolean isWhole() {
        return integrity.equals("ok");
    }

    /**
     * Returns the first difference between the two contents. With another page size a restore may renumber rowids, and
     * {@code VACUUM} lists virtual tables last, so the lines of the dumps are compared in sorted order.
     */
    Optional<String> difference(SqliteView other) throws IOException {
        if (!settings.equals(other.settings)) {
            return Optional.of("settings " + oneLine(settings) + ", restored " + oneLine(other.settings));
        }
        if (!integrity.equals(other.integrity)) {
            return Optional.of("integrity " + oneLine(integrity) + ", restored " + oneLine(other.integrity));
        }
        if (!errors.equals(other.errors)) {
            return Optional.of("dump: " + oneLine(errors) + ", restored: " + oneLine(other.errors));
        }
        boolean samePages = pageSize.equals(other.pageSize);
        if (!isComplete() && (!samePages || errors.contains("sqlite_dbpage"))) {
            return Optional.of("cannot be compared: " + oneLine(errors));
        }
        long at = samePages
                ? Files.mismatch(dump, other.dump)
                : Files.mismatch(sorted(plainDump), sorted(other.plainDump));
        if (at >= 0) {
            return Optional.of("the dumps differ from byte " + at + " on");
        }
        return isComplete() || Files.mismatch(pages, other.pages) < 0
                ? Optional.empty()
                : Optional.of("the page images differ");
    }

    /** A dump may be larger than this process's heap. */
    private static Path sorted(Path file) throws IOException {
        Path sorted = file.resolveSibling(file.getFileName() + ".sorted");
        var builder = new ProcessBuilder("sort", "-o", sorted.toString(), file.toString()).inheritIO();
        builder.environment().put("LC_ALL", "C");
        int status = builder.start().onExit().join().exitValue();
        if (status != 0) {
            throw new IOException("sort ended with " + status + ": " + file);
        }
        return sorted;
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ');
    }
}
