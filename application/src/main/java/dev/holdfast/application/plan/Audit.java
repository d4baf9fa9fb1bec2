package dev.holdfast.application.plan;

import java.util.List;

/** What was changed, newest first. Safe for use by several threads. */
@FunctionalInterface
public interface Audit {
    int MOST = 1000;

    /** @param limit at most so many, 1 to {@link #MOST} */
    List<AuditEntry> newest(int limit);
}
