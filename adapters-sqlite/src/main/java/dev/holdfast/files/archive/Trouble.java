package dev.holdfast.files.archive;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What a failure of the file system means to whoever asked. */
final class Trouble {
    private Trouble() {}

    /** @param place whose file system was written to */
    static ProblemException with(Path place, IOException failure) {
        return isFull(place, failure)
                ? new ProblemException(full(place), failure)
                : new ProblemException(new Problem.Internal(failure), failure);
    }

    static ProblemException unreadable(String what, IOException failure) {
        return new ProblemException(
                Problem.SourceCorrupt.because(
                        "A part of the source cannot be read, so there is no backup of it; look at "
                                + "its permissions and its disk: " + what + ": " + reason(failure) + "."),
                failure);
    }

    static Problem.InsufficientStorage full(Path place) {
        return new Problem.InsufficientStorage("The disk that " + place + " is on is full; free some space there.");
    }

    /** Throws unless {@code bytes} more fit on {@code directory}'s file system. */
    static void requireRoom(Path directory, long bytes) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < bytes) {
            throw new ProblemException(new Problem.InsufficientStorage(
                    directory + " needs " + bytes + " bytes and has " + free + " free; free some space there."));
        }
    }

    static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException known when known.getReason() != null -> known.getReason();
            case IOException it -> String.valueOf(it.getMessage());
        };
    }

    /** A server in another language gets other words, so the file system is asked as well. */
    private static boolean isFull(Path place, IOException failure) {
        String text = reason(failure).toLowerCase(Locale.ROOT);
        if (text.contains("no space left") || text.contains("quota exceeded")) {
            return true;
        }
        try {
            return Files.getFileStore(place).getUsableSpace() == 0;
        } catch (IOException e) {
            failure.addSuppressed(e);
            return false;
        }
    }
}
