package dev.holdfast.domain.problem;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * All that a use case may refuse or fail with. Each edge translates it once, in a {@code switch} without
 * {@code default}.
 */
public sealed interface Problem {
    ProblemCode code();

    /** This case in one sentence that a person can act on; holds no secret. */
    String detail();

    /** @param detail says what was wrong and what is expected; does not repeat unprintable input */
    record InvalidFilename(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.INVALID_FILENAME;
        }
    }

    /** @param field which part of the request */
    record InvalidArgument(String field, String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.INVALID_ARGUMENT;
        }
    }

    /** @param name as it was asked for; need not have a name's shape */
    record DatabaseNotFound(String name) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.DATABASE_NOT_FOUND;
        }

        @Override
        public String detail() {
            if (name.equals(DatabaseName.DEFAULT.value())) {
                return "No database \"" + name
                        + "\" is registered, so a request has to select one by its name (\"database\").";
            }
            return DatabaseName.isValid(name)
                    ? "No database \"" + name + "\" is registered."
                    : "A database's name has the form " + DatabaseName.PATTERN + ".";
        }
    }

    record BackupNotFound(BackupKey key) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.BACKUP_NOT_FOUND;
        }

        @Override
        public String detail() {
            return "There is no backup \"" + key + "\" of this database.";
        }
    }

    record OperationNotFound(String id) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.OPERATION_NOT_FOUND;
        }

        @Override
        public String detail() {
            return OperationId.isValid(id) ? "There is no operation " + id + "." : "There is no such operation.";
        }
    }

    /** @param name as the client sent it; need not have a name's shape */
    record StoreNotFound(String name) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.STORE_NOT_FOUND;
        }

        @Override
        public String detail() {
            return "There is no such store of this database; its backup directory is called \"local\".";
        }
    }

    record OperationInProgress(DatabaseName database, OperationId running) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.OPERATION_IN_PROGRESS;
        }

        @Override
        public String detail() {
            return "Operation " + running + " is still running on database \"" + database
                    + "\"; ask again when it has ended, or cancel it.";
        }
    }

    /**
     * @param registered the path that the settings name
     * @param known where it led when that was accepted
     * @param resolved where it leads now
     */
    record LocationChanged(DatabaseName database, Path registered, Path known, Path resolved) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.LOCATION_CHANGED;
        }

        @Override
        public String detail() {
            return registered + " leads to " + resolved + " now. The server knows it at " + known
                    + ", so a backup might hold other data, and a restore might replace it. Nothing was read or changed."
                    + " If " + resolved
                    + " is right, an admin confirms it, for example with ./holdfast database confirm "
                    + database + ". If not, let " + registered + " lead to " + known + " again.";
        }
    }

    record PreconditionFailed(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.PRECONDITION_FAILED;
        }
    }

    /** @param by a file that is no backup itself but would mix with one of this name; empty where it is a backup */
    record FilenameTaken(BackupKey key, Optional<String> by) implements Problem {
        public FilenameTaken(BackupKey key) {
            this(key, Optional.empty());
        }

        @Override
        public ProblemCode code() {
            return ProblemCode.FILENAME_TAKEN;
        }

        @Override
        public String detail() {
            return by.map(it -> "A backup cannot be called \"" + key + "\" while \"" + it
                            + "\" lies in the backup directory: SQLite would mix the two. Nobody needs it without its"
                            + " database; move it away.")
                    .orElseGet(() -> "There is a backup \"" + key
                            + "\" already; delete it, choose another name, or ask again when the next generated name is"
                            + " due.");
        }
    }

    record BackupInUse(BackupKey key) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.BACKUP_IN_USE;
        }

        @Override
        public String detail() {
            return "Backup \"" + key + "\" is being read by a download, restore or verification; try again later.";
        }
    }

    record BackupPinned(BackupKey key) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.BACKUP_PINNED;
        }

        @Override
        public String detail() {
            return "Backup \"" + key + "\" is pinned; unpin it first.";
        }
    }

    record IdempotencyConflict() implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.IDEMPOTENCY_CONFLICT;
        }

        @Override
        public String detail() {
            return "This Idempotency-Key came with another request before; use a new one.";
        }
    }

    /** @param detail says what is allowed, and which setting says so */
    record UploadTooLarge(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.UPLOAD_TOO_LARGE;
        }
    }

    /** @param detail says what the call takes */
    record UnsupportedMediaType(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.UNSUPPORTED_MEDIA_TYPE;
        }
    }

    /** A file that should be a SQLite database is none: missing, a directory, other content, or encrypted. */
    record NotADatabase(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.NOT_A_DATABASE;
        }
    }

    /**
     * A file of the database does not exist.
     *
     * @param detail names the file and says what to do
     */
    record SourceNotFound(String detail) implements Problem {
        public static SourceNotFound missing(Path file) {
            return new SourceNotFound("There is no file " + file
                    + "; put it back, mount its file system, correct its path in the settings, or restore a backup.");
        }

        @Override
        public ProblemCode code() {
            return ProblemCode.SOURCE_NOT_FOUND;
        }
    }

    /**
     * A file of the database exists, but the server cannot read it, or cannot write it at a restore, without a risk for
     * the data: missing rights, a sidecar of another type, a file that is mounted without its folder.
     *
     * @param detail names the file and says what to do
     */
    record SourceNotAccessible(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.SOURCE_NOT_ACCESSIBLE;
        }
    }

    /** @param finding of what was read, by SQLite or otherwise */
    record SourceCorrupt(String finding, String detail) implements Problem {
        /** For a damaged database. */
        public SourceCorrupt(String finding) {
            this(
                    finding,
                    "The database to back up is damaged, so the copy was not kept; restore a good backup, or repair it "
                            + "(sqlite3 has .recover), and back up again: " + finding);
        }

        /** For what is no damage of the database. */
        public static SourceCorrupt because(String detail) {
            return new SourceCorrupt(detail, detail);
        }

        @Override
        public ProblemCode code() {
            return ProblemCode.SOURCE_CORRUPT;
        }
    }

    record BackupCorrupt(BackupKey key, String finding) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.BACKUP_CORRUPT;
        }

        @Override
        public String detail() {
            return "Backup \"" + key + "\" is damaged; use another one: " + finding;
        }
    }

    /** What comes in has no name here yet: another backup may have the one that it would have got. */
    record UploadCorrupt(String finding) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.BACKUP_CORRUPT;
        }

        @Override
        public String detail() {
            return "What was uploaded is damaged and was not kept: " + finding;
        }
    }

    record BackupIncompatible(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.BACKUP_INCOMPATIBLE;
        }
    }

    /** Name and password do not fit together, or there is no valid token. Does not tell which. */
    record Unauthenticated(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.UNAUTHENTICATED;
        }
    }

    /** @param detail says what it would take */
    record PermissionDenied(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.PERMISSION_DENIED;
        }
    }

    /** @param retryAfter when a sign-in is looked at again */
    record TooManyAttempts(Duration retryAfter) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.TOO_MANY_ATTEMPTS;
        }

        @Override
        public String detail() {
            return "Too many sign-ins have failed; try again in " + retryAfter.toSeconds() + " s.";
        }
    }

    /** @param cause for the log, never sent */
    record Internal(Throwable cause) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.INTERNAL;
        }

        @Override
        public String detail() {
            return "Something went wrong inside the server; its log has the cause.";
        }
    }

    /**
     * A restore failed after it had begun to write, and not every file is known to hold what it held before.
     *
     * @param detail what each file holds, and what to do
     */
    record UncertainRestore(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.INTERNAL;
        }
    }

    /** @param detail what could not be done, for example that a directory cannot be written */
    record StoreUnavailable(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.STORE_UNAVAILABLE;
        }
    }

    /** @param detail what was waited for and how long */
    record SourceBusy(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.SOURCE_BUSY;
        }
    }

    /** @param detail where, and how much is missing if that is known */
    record InsufficientStorage(String detail) implements Problem {
        @Override
        public ProblemCode code() {
            return ProblemCode.INSUFFICIENT_STORAGE;
        }
    }
}
