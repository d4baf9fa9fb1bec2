package dev.holdfast.application.plan;

import java.util.List;

/** What was done, newest first. Safe for use by several threads. */
public interface Audit {
    int MOST = 1000;

    /** @param limit at most so many, 1 to {@link #MOST} */
    List<AuditEntry> newest(int limit);

    /** Of something that is no plan, whose changes are added as they are kept. Durable when it returns. */
    void add(AuditEntry entry);

    /** Adds what may happen very often, in one entry for a time. Need not be durable when it returns. */
    void count(RepeatedEntry repeated);
}
