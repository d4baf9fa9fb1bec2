package dev.holdfast.files.archive.member;

import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.tree.PathHandle;
import dev.holdfast.tree.SiblingPaths;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Optional;

/** What a failure of the file system means to whoever asked. */
public final class ArchiveErrors {
    private ArchiveErrors() {}

    /** @param place whose file system was written to; what vanished elsewhere is the source's */
    public static ProblemException with(Path place, IOException failure) {
        return new ProblemException(
                FullDisk.problem(place, failure)
                        .<Problem>map(it -> it)
                        .or(() -> vanished(place, failure))
                        .orElseGet(() -> new Problem.Internal(failure)),
                failure);
    }

    /** Nothing but another program removes what was there a moment before. A restore's staging is in its reach, too. */
    private static Optional<Problem> vanished(Path place, IOException failure) {
        boolean gone = failure instanceof NoSuchFileException || failure instanceof NotDirectoryException;
        if (!gone || !(failure instanceof FileSystemException known) || known.getFile() == null) {
            return Optional.empty();
        }
        Path file = Path.of(known.getFile());
        return file.startsWith(place) && !SiblingPaths.isStaged(file)
                ? Optional.empty()
                : Optional.of(new Problem.SourceBusy((PathHandle.isPath(file) ? "A folder of the source" : file)
                        + " could not be reached in the middle of the operation: another"
                        + " program removes, renames or exchanges it or a folder above it. The database is unchanged. Try"
                        + " again while that program does not, or stop it meanwhile."));
    }

    public static ProblemException unreadable(String what, IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return new ProblemException(
                    new Problem.SourceNotAccessible("A part of the source cannot be read, so there is no backup of it:"
                            + " permission denied for " + what + ". Let the server's user read it, and back up again."),
                    failure);
        }
        return new ProblemException(
                Problem.SourceCorrupt.because(
                        "A part of the source cannot be read, so there is no backup of it; look at its disk: " + what
                                + ": " + reason(failure) + "."),
                failure);
    }

    public static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException known when known.getReason() != null -> known.getReason();
            case IOException it -> String.valueOf(it.getMessage());
        };
    }
}
