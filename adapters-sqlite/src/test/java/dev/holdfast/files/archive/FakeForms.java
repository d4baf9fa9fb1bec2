package dev.holdfast.files.archive;

import dev.holdfast.application.archive.DatabaseConverter;
import dev.holdfast.application.operation.ProgressMonitor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a database's bytes as they are behind a mark, and adds a log to the end of its database. */
final class FakeForms implements DatabaseConverter {
    private static final byte[] MARK = {'[', '\n'};

    @Override
    public void absorbLog(Path database, ProgressMonitor work) throws UnfitException {
        try {
            Path log = database.resolveSibling(database.getFileName() + "-wal");
            Files.write(database, Files.readAllBytes(log), StandardOpenOption.APPEND);
            Files.delete(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void dump(Path database, OutputStream out, ProgressMonitor work) throws UnfitException {
        try {
            if (Files.size(database) < 16) {
                throw new UnfitException("database disk image is malformed");
            }
            out.write(MARK);
            Files.copy(database, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void load(InputStream dump, Path database, ProgressMonitor work) throws UnfitException {
        try {
            if (!java.util.Arrays.equals(dump.readNBytes(2), MARK)) {
                throw new UnfitException("no dump");
            }
            Files.copy(dump, database);
        } catch (IOException e) {
            throw new UnfitException("no dump", e);
        }
    }
}
