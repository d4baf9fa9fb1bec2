package dev.holdfast.sqlite.restore;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.sqlite.file.LiveFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** A place where no file is, and what is to be there. Works inside the gate of the file to be. */
record MissingTarget(Path name, LiveFile file, Artifact image, Optional<FileOwnership> ownership, InstantSource clock)
        implements RestoreTarget {
    void write(NewFileRestore.Naming naming, ProgressMonitor work, FailPoints failPoints) throws IOException {
        new NewFileRestore(file, clock, failPoints).write(image, ownership, naming, work);
    }

    @Override
    public Path directory() {
        return file.directory();
    }

    @Override
    public long spaceNeeded() {
        return image.size();
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
