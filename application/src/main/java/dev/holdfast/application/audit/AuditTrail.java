package dev.holdfast.application.audit;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.RepeatedEntry;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.problem.Problem;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Records actions. Nothing that cannot be recorded is undone or refused for that: a warning in the log says so.
 *
 * <p>Entries that count are gathered in memory and written by {@link #flush}, so that a flood of refused calls costs no
 * writes. Safe for use by several threads.
 */
public final class AuditTrail implements Audit, ListAudit {
    private static final System.Logger LOG = System.getLogger(AuditTrail.class.getName());
    private static final int MAX_GATHERED = 1_000;

    private final AuditLog log;
    private final CurrentCaller callers;
    private final Map<String, RepeatedEntry> gathered = new LinkedHashMap<>();
    private final ReentrantLock flushing = new ReentrantLock();

    public AuditTrail(AuditLog log, CurrentCaller callers) {
        this.log = log;
        this.callers = callers;
    }

    /** Records an action before its answer. The caller's address is added if the entry has none. */
    @Override
    public void add(AuditEntry entry) {
        write(entry, () -> log.add(complete(entry)));
    }

    /** The entry with the address of the caller, unless it has one or serves no call. */
    public AuditEntry complete(AuditEntry entry) {
        return entry.address().isPresent()
                ? entry
                : callers.find().map(it -> entry.from(it.address())).orElse(entry);
    }

    /** Records that an operation was begun, or what became of it if it has ended since. */
    public void begun(Operation operation, AuditEntry entry) {
        write(entry, () -> log.begin(operation.id(), complete(entry)));
    }

    /** Records what became of an operation, if that is an action of the audit. */
    public void ended(Operation operation) {
        if (operation.kind() == OperationKind.RESTORE) {
            AuditEntry entry = restore(operation);
            write(entry, () -> log.end(operation.id(), entry));
        }
    }

    private static AuditEntry restore(Operation operation) {
        return new AuditEntry(
                operation.finishedAt().orElse(operation.startedAt()),
                operation.requestedBy(),
                AuditedUseCases.RESTORE,
                Optional.of(operation.database()),
                operation.subject().map(BackupKey::value),
                outcome(operation),
                "");
    }

    static String outcome(Operation operation) {
        return switch (operation.state()) {
            case RUNNING -> AuditEntry.STARTED;
            case SUCCEEDED -> AuditEntry.SUCCEEDED;
            case CANCELLED -> "cancelled";
            case FAILED -> operation.failure().orElseThrow().code();
        };
    }

    /** Records what became of operations whose end an earlier run of the server could not record. */
    public void catchUp(OperationLog operations) {
        try {
            log.unended().stream()
                    .flatMap(it -> operations.find(it).stream())
                    .filter(it -> it.state().isFinal())
                    .forEach(this::ended);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "The audit cannot be read; entries of earlier restores may stay without an end", e);
        }
    }

    @Override
    public void count(RepeatedEntry repeated) {
        boolean full;
        synchronized (gathered) {
            gathered.merge(repeated.key(), repeated, RepeatedEntry::and);
            full = gathered.size() >= MAX_GATHERED;
        }
        if (full) {
            flush();
        }
    }

    /** Writes what was counted since the last time. */
    public void flush() {
        flushing.lock();
        try {
            List<RepeatedEntry> taken;
            synchronized (gathered) {
                taken = List.copyOf(gathered.values());
                gathered.clear();
            }
            if (!taken.isEmpty()) {
                write(taken.getFirst().entry(), () -> log.count(taken));
            }
        } finally {
            flushing.unlock();
        }
    }

    private static void write(AuditEntry entry, Runnable write) {
        try {
            write.run();
        } catch (RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "The audit cannot be written. This is missing in it: " + entry.action() + " by "
                            + printable(entry.who()) + ", " + entry.outcome() + ". What was done stays done.",
                    e);
        }
    }

    /** A name from outside must not look like another line of the log. */
    private static String printable(String name) {
        return name.replaceAll("\\p{Cntrl}", "?");
    }

    @Override
    public List<AuditEntry> newest(int limit) {
        flush();
        return log.newest(limit);
    }

    /** A page token is the number of the last entry on the page before. */
    @Override
    public Outcome<Page> list(int pageSize, String pageToken) {
        if (pageSize < 0) {
            return Outcome.refused(new Problem.InvalidArgument("page_size", "page_size: expected 0 or more"));
        }
        if (!pageToken.matches("\\d{0,18}")) {
            return Outcome.refused(
                    new Problem.InvalidArgument("page_token", "page_token: expected one from the page before"));
        }
        flush();
        OptionalLong before = pageToken.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(pageToken));
        int size = pageSize == 0 ? DEFAULT_PAGE : Math.min(pageSize, MAX_PAGE);
        return Outcome.attempt(() -> {
            List<AuditLog.Numbered> found = log.page(before, size + 1);
            List<AuditLog.Numbered> page = found.subList(0, Math.min(size, found.size()));
            return Outcome.done(new Page(
                    page.stream().map(AuditLog.Numbered::entry).toList(),
                    found.size() > size ? Long.toString(page.getLast().id()) : ""));
        });
    }
}
