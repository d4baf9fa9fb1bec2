package dev.holdfast.files;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;

/** Says what the file system's refusal means for the store. */
final class StorageFailure {
    /** What Linux says to {@code ENOSPC} and {@code EDQUOT}; Java has no exception of its own for them. */
    private static final List<String> FULL = List.of("No space left on device", "Disk quota exceeded");

    private StorageFailure() {}

    static ProblemException reading(Folders folders, IOException cause) {
        return unavailable("read", folders, cause);
    }

    static ProblemException writing(Folders folders, IOException cause) {
        return isFull(folders, cause)
                ? new ProblemException(
                        new Problem.InsufficientStorage("The file system of the backup directory " + folders.artifacts()
                                + " is full; free some space or delete backups."),
                        cause)
                : unavailable("write to", folders, cause);
    }

    private static ProblemException unavailable(String doing, Folders folders, IOException cause) {
        return new ProblemException(
                new Problem.StoreUnavailable("Cannot " + doing + " the backup directory " + folders.artifacts() + ": "
                        + reason(cause) + "."),
                cause);
    }

    /** A server in another language gets other words, so the file system is asked as well. */
    private static boolean isFull(Folders folders, IOException cause) {
        String message = String.valueOf(cause.getMessage());
        if (FULL.stream().anyMatch(message::contains)) {
            return true;
        }
        try {
            return folders.isFull();
        } catch (IOException e) {
            cause.addSuppressed(e);
            return false;
        }
    }

    private static String reason(IOException cause) {
        return switch (cause) {
            case AccessDeniedException e -> "permission denied for " + e.getFile();
            case NoSuchFileException e -> e.getFile() + " is not there";
            case NotDirectoryException e -> e.getFile() + " is not a directory";
            case FileAlreadyExistsException e -> e.getFile() + " is something else than expected";
            case FileSystemException e when e.getReason() != null -> e.getReason() + ", " + e.getFile();
            case IOException e -> String.valueOf(e.getMessage());
        };
    }
}
