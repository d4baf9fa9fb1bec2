package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.operation.Operation;
import java.io.InputStream;

/** Takes in an artifact that somebody sends: recognised by its content, checked as hostile input, then listed. */
public interface UploadBackup {
    /**
     * Begins to read {@code content} on the operation's own thread.
     *
     * @param filename as the client calls the file; kept where this database's backups can have it, else the backup is
     *     named by the profile's rule. Refused with {@code FilenameTaken} if there is a backup of that name
     * @param content has to stay readable until the operation has ended, is not closed, and must give up with an {@code
     *     IOException} when nothing comes for long: the operation then fails and leaves nothing behind. Where the order
     *     repeats an earlier one it is read here and now, to see that the same bytes came; this call then answers when
     *     the earlier operation has ended
     * @param announcedSize in bytes, as far as the client says; 0 where it does not. More than is allowed, or than there
     *     is space for, is refused before the first byte is read
     * @return the operation, or {@code IdempotencyConflict} if the order repeats an earlier one with other bytes. Its result is {@code Uploaded}. It may fail with {@code UploadTooLarge}, {@code
     *     NotADatabase}, {@code BackupIncompatible} for an artifact that this database cannot take or that asks for what
     *     none may, and {@code UploadCorrupt}
     */
    Outcome<Operation> start(
            String database, String filename, InputStream content, long announcedSize, Requester requester);
}
