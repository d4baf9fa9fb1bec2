package dev.holdfast.sqlite.file;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.operation.SilentMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** An artifact's bytes as a file, for SQLite can only open files. */
public final class ArtifactCopier {
    private ArtifactCopier() {}

    /** Copies without reporting progress, but stops when cancelled. */
    public static Path copy(Artifact image, Path to, ProgressMonitor work) throws IOException {
        try (InputStream in = image.open(0);
                FileChannel out = FileChannel.open(
                        to,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            Scratch.copy(in, out, new SilentMonitor(work));
            if (out.size() != image.size()) {
                throw new ProblemException(new Problem.Internal(
                        new IOException("the artifact gave " + out.size() + " of " + image.size() + " bytes")));
            }
            return to;
        } catch (IOException e) {
            throw SqliteErrors.ofWriting(to, e);
        }
    }
}
