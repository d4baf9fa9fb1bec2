package dev.holdfast.files.archive;

import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** What a failure of the file system means to whoever asked. */
final class Trouble {
    private Trouble() {}

    /** @param place whose file system was written to */
    static ProblemException with(Path place, IOException failure) {
        return new ProblemException(
                FullDisk.problem(place, failure).<Problem>map(it -> it).orElseGet(() -> new Problem.Internal(failure)),
                failure);
    }

    static ProblemException unreadable(String what, IOException failure) {
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

    static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException known when known.getReason() != null -> known.getReason();
            case IOException it -> String.valueOf(it.getMessage());
        };
    }
}
