package dev.holdfast.endtoend.server;

import java.util.Map;

/**
 * What can be asked of the server, whichever API carries it. An answer has its members in snake case, those without a
 * value left out; times are ISO 8601 to the microsecond. A refusal is told as {@code code}, {@code detail} and, where
 * there is one, {@code operation} and {@code field}.
 */
public interface BackupApi {
    Map<String, Object> create(String database, String requestId) throws Exception;

    Map<String, Object> createAtOnce(String database) throws Exception;

    Map<String, Object> find(String database, String filename) throws Exception;

    Map<String, Object> list(String database, int pageSize, String pageToken) throws Exception;

    Map<String, Object> update(String database, String filename, boolean pinned, Map<String, String> labels)
            throws Exception;

    Map<String, Object> delete(String database, String filename) throws Exception;

    default Map<String, Object> restore(String database, String filename, boolean allowCorrupt) throws Exception {
        return restore(database, filename, allowCorrupt, false);
    }

    Map<String, Object> restore(String database, String filename, boolean allowCorrupt, boolean allowForeign)
            throws Exception;

    Map<String, Object> verify(String database, String filename, String depth) throws Exception;

    Map<String, Object> drill(String database) throws Exception;

    /** @param etag that it has to have; empty for any */
    Map<String, Object> download(String database, String filename, long offset, String etag) throws Exception;

    /** Begins a download whose bytes are not read. */
    AutoCloseable holdOpen(String database, String filename) throws Exception;

    default Map<String, Object> upload(String database, String filename, byte[] content) throws Exception {
        return upload(database, filename, content, "");
    }

    /** @param requestId empty for none */
    Map<String, Object> upload(String database, String filename, byte[] content, String requestId) throws Exception;

    Map<String, Object> operations(String database, String state, String kind, String requestedBy, int pageSize)
            throws Exception;

    Map<String, Object> operation(String id) throws Exception;

    Map<String, Object> cancel(String id) throws Exception;

    /** @return what was told last */
    Map<String, Object> watch(String id) throws Exception;

    Map<String, Object> databases() throws Exception;

    Map<String, Object> plan(String database) throws Exception;

    /** Sets the schedule to daily, and how many backups stay. */
    Map<String, Object> updatePlan(String database, String at, int last) throws Exception;

    /** As if so many stayed. */
    Map<String, Object> previewPlan(String database, int last) throws Exception;

    Map<String, Object> resumeRetention(String database) throws Exception;

    Map<String, Object> confirmStore(String database, String store) throws Exception;

    /** @param resolved empty for none */
    Map<String, Object> confirmLocation(String database, String resolved) throws Exception;

    /** Takes back what {@link #updatePlan} sets. */
    Map<String, Object> resetPlan(String database) throws Exception;
}
