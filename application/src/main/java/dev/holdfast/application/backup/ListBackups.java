package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Lists the backups of a database, newest first. */
public interface ListBackups {
    int LARGEST_PAGE = 1000;

    /**
     * @param pageSize 0 for the default, which is {@link #LARGEST_PAGE}; larger is lowered; negative is refused
     * @param pageToken from the page before, or empty
     */
    Outcome<Page> list(String database, int pageSize, String pageToken);

    /** Finds when the stored files were last written. A backup that comes meanwhile may have no entry. */
    default Outcome<Map<BackupKey, Instant>> modificationTimes(String database) {
        return Outcome.done(Map.of());
    }

    /** @param nextPageToken empty on the last page */
    record Page(List<Backup> backups, String nextPageToken) {}
}
