package dev.holdfast.sqlite.dump;

import dev.holdfast.application.archive.DatabaseConverter;
import dev.holdfast.application.operation.ProgressMonitor;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/** See {@link DumpFormat} for what a dump looks like. */
public final class SqliteDatabaseConverter implements DatabaseConverter {
    @Override
    public void absorbLog(Path database, ProgressMonitor work) throws UnfitException {
        Checkpointer.into(database, work);
    }

    @Override
    public void dump(Path database, OutputStream out, ProgressMonitor work) throws UnfitException {
        DumpWriter.write(database, out, work);
    }

    @Override
    public void load(InputStream dump, Path database, ProgressMonitor work) throws UnfitException {
        DumpReader.read(dump, database, work);
    }
}
