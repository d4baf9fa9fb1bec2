package dev.holdfast.sqlite.restore;

import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.check.PragmaChecks;
import dev.holdfast.sqlite.file.ArtifactCopier;
import dev.holdfast.sqlite.file.SourceAccess;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.sqlite.io.DatabaseHeader;
import dev.holdfast.sqlite.io.LockPage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.sqlite.SQLiteErrorCode;

/**
 * The content that a restore puts in, as a local file that nobody writes.
 *
 * @param pages of {@code pageSize} bytes each; at least 1
 */
record RestoreImage(Path file, int pageSize, int pages) {
    /** Into a place without a file a backup goes as it is. */
    private static final String OTHER_WAY =
            "stop what uses the database, move it and its -wal and -shm away, and restore again.";

    /**
     * Makes a private copy only if the target cannot take the artifact as it lies: a log keeps its page size, and a
     * target without a log must not get the header's mark of one.
     */
    static RestoreImage of(
            Artifact artifact,
            DatabaseHeader target,
            boolean targetLogged,
            Path copy,
            PragmaChecks checks,
            ProgressMonitor work)
            throws IOException, SQLException {
        Optional<Path> local = artifact.file().filter(SourceAccess::canOpen);
        DatabaseHeader head = head(artifact);
        return switch (head) {
            case DatabaseHeader.Foreign(String why) ->
                throw new ProblemException(new Problem.BackupIncompatible(
                        "The backup is not a SQLite database: " + why + "; use another one."));
            case DatabaseHeader.Empty() ->
                empty(copy, target instanceof DatabaseHeader.Sqlite known ? known.pageSize() : 4096);
            case DatabaseHeader.Sqlite known
            when targetLogged && differs(known, target) ->
                converted(ArtifactCopier.copy(artifact, copy, work), target, checks, work);
            case DatabaseHeader.Sqlite known
            when !targetLogged && known.wal() -> unlogged(ArtifactCopier.copy(artifact, copy, work));
            case DatabaseHeader.Sqlite known when local.isPresent() -> of(local.get(), known, artifact.size());
            case DatabaseHeader.Sqlite known -> of(ArtifactCopier.copy(artifact, copy, work), known, artifact.size());
        };
    }

    private static DatabaseHeader head(Artifact artifact) throws IOException {
        try (var in = artifact.open(0)) {
            return DatabaseHeader.of(ByteBuffer.wrap(in.readNBytes(DatabaseHeader.LENGTH)));
        }
    }

    private static boolean differs(DatabaseHeader.Sqlite image, DatabaseHeader target) {
        return target instanceof DatabaseHeader.Sqlite known && known.pageSize() != image.pageSize();
    }

    private static RestoreImage of(Path file, DatabaseHeader.Sqlite head, long size) {
        return new RestoreImage(file, head.pageSize(), (int) (head.imageSize(size) / head.pageSize()));
    }

    private static RestoreImage measured(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return of(file, (DatabaseHeader.Sqlite) DatabaseHeader.of(channel), channel.size());
        }
    }

    private static RestoreImage empty(Path copy, int pageSize) throws IOException, SQLException {
        try (Connection connection = Connections.open(copy, "mode=rwc", 0)) {
            Connections.execute(connection, "PRAGMA page_size=" + pageSize);
            Connections.execute(connection, "VACUUM");
        }
        return measured(copy);
    }

    private static RestoreImage unlogged(Path copy) throws IOException {
        try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            Channels.write(channel, ByteBuffer.wrap(new byte[] {1, 1}), 18);
        }
        return measured(copy);
    }

    /** The same content on pages of the target's size. */
    private static RestoreImage converted(Path copy, DatabaseHeader target, PragmaChecks checks, ProgressMonitor work)
            throws IOException, SQLException {
        int pageSize = ((DatabaseHeader.Sqlite) target).pageSize();
        try (Connection connection = Connections.open(copy, "mode=rw", 0)) {
            Connections.ask(connection, "PRAGMA journal_mode=DELETE");
            Connections.execute(connection, "PRAGMA page_size=" + pageSize);
            Connections.execute(connection, "VACUUM");
        } catch (SQLException e) {
            // For example an index by a function that only the application has.
            if (SqliteErrors.primaryCode(e) == SQLiteErrorCode.SQLITE_ERROR) {
                throw new ProblemException(
                        new Problem.BackupIncompatible(
                                "The backup has pages of another size than the database, and cannot" + " be brought to "
                                        + pageSize + " bytes (" + SqliteErrors.words(e) + "); " + OTHER_WAY),
                        e);
            }
            throw e;
        }
        if (checks.check(copy, Depth.QUICK, work) instanceof Finding.Damaged(String found)) {
            throw new ProblemException(new Problem.BackupIncompatible("The backup could not be brought to pages of "
                    + pageSize + " bytes (" + found + "); " + OTHER_WAY));
        }
        return measured(copy);
    }

    long size() {
        return (long) pages * pageSize;
    }

    /** The page that holds SQLite's lock bytes and never any data: {@code docs/internals/locks.md#the-lock-page}. */
    int lockPage() {
        return (int) LockPage.number(pageSize);
    }

    /** How many pages hold data. */
    int dataPages() {
        return pages >= lockPage() ? pages - 1 : pages;
    }

    /** Reads pages of the image from its file. */
    void read(FileChannel open, ByteBuffer into, long position) throws IOException {
        Channels.readPages(open, into, position, pageSize);
    }

    /**
     * Returns whether a target's first page counts the pages of this image. Of the image itself it may not: see
     * {@code docs/internals/page-count.md}.
     */
    boolean isCountedBy(ByteBuffer firstPage) {
        long counted = DatabaseHeader.validPageCount(firstPage);
        return counted == 0 || counted == pages;
    }

    /**
     * Takes out of a first page what SQLite sets itself when it restores: journal mode, change counter, page count,
     * schema cookie, and which version wrote last.
     */
    static void mask(ByteBuffer firstPage) {
        zero(firstPage, DatabaseHeader.WRITE_VERSION, 2);
        zero(firstPage, DatabaseHeader.CHANGE_COUNTER, 8);
        zero(firstPage, DatabaseHeader.SCHEMA_COOKIE, 4);
        zero(firstPage, DatabaseHeader.VERSION_VALID_FOR, 8);
    }

    private static void zero(ByteBuffer page, int from, int length) {
        for (int i = from; i < from + length; i++) {
            page.put(i, (byte) 0);
        }
    }
}
