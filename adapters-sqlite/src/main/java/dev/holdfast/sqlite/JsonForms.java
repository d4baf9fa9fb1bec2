package dev.holdfast.sqlite;

import dev.holdfast.application.archive.DatabaseForms;
import dev.holdfast.application.operation.Work;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/** See {@link DumpFormat} for what a dump looks like. */
final class JsonForms implements DatabaseForms {
    @Override
    public void absorbLog(Path database, Work work) throws UnfitException {
        LogAbsorption.into(database, work);
    }

    @Override
    public void dump(Path database, OutputStream out, Work work) throws UnfitException {
        DumpWriter.write(database, out, work);
    }

    @Override
    public void load(InputStream dump, Path database, Work work) throws UnfitException {
        DumpReader.read(dump, database, work);
    }
}
