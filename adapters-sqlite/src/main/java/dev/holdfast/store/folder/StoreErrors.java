package dev.holdfast.store.folder;

import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Says what the file system's refusal means for the store. */
public final class StoreErrors {
    private StoreErrors() {}

    public static ProblemException reading(Folders folders, IOException cause) {
        return unavailable("read", folders, cause);
    }

    /** @param file of the store */
    public static ProblemException reading(Path file, IOException cause) {
        return new ProblemException(
                new Problem.StoreUnavailable("Cannot read the backup file " + file + ": " + reason(cause)
                        + ". The backup may be whole. Look whether its file system is mounted and its disk answers, and"
                        + " try again."),
                cause);
    }

    public static ProblemException writing(Folders folders, IOException cause) {
        return FullDisk.problem(folders.artifacts(), cause)
                .map(it -> new ProblemException(
                        new Problem.InsufficientStorage("Cannot write to the backup directory " + folders.artifacts()
                                + ". " + it.detail() + " Deleting backups frees space too." + remains(cause)),
                        cause))
                .orElseGet(() -> unavailable("write to", folders, cause));
    }

    private static ProblemException unavailable(String doing, Folders folders, IOException cause) {
        IOException reported = cause instanceof UncertainChangeException e ? e.failure() : cause;
        return new ProblemException(
                new Problem.StoreUnavailable("Cannot " + doing + " the backup directory " + folders.artifacts() + ": "
                        + reason(reported) + "." + remains(cause)),
                cause);
    }

    private static String remains(IOException cause) {
        return cause instanceof UncertainChangeException e ? " " + e.advice() : "";
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
