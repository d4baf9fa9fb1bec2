package dev.holdfast.application.audit;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.AuditEntry;
import java.util.List;

/** Shows the audit. */
public interface ListAudit {
    int DEFAULT_PAGE = 100;
    int MAX_PAGE = 1000;

    /** Newest first. {@code pageSize} of 0 means the default, larger than {@link #MAX_PAGE} is lowered. */
    Outcome<Page> list(int pageSize, String pageToken);

    /** @param nextPageToken empty on the last page */
    record Page(List<AuditEntry> entries, String nextPageToken) {}
}
