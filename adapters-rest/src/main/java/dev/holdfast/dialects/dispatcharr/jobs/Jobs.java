package dev.holdfast.dialects.dispatcharr.jobs;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import dev.holdfast.dialects.dispatcharr.DispatcharrResponses;
import dev.holdfast.dialects.dispatcharr.Json;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.ProblemException;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The history that clients see: the backups and restores of the operation history, whoever asked for them, each with a
 * number. Numbers, and which records a client has deleted, are kept beside it; what the operation history has forgotten
 * goes from here too. So does the record of a backup that retention has removed: on the page, an archive and its record
 * go together.
 */
@Singleton
final class Jobs {
    private static final String DOCUMENT = "dispatcharr.jobs";
    private static final String LAST = "last";
    private static final String JOBS = "jobs";
    private static final int MOST_WITHOUT_OPERATION = 100;

    private final Operations operations;
    private final DialectDocuments documents;
    private final DispatcharrDatabase database;
    private final JobBackups backups;
    private final DispatcharrResponses answers;
    private final InstantSource clock;
    private final ReentrantLock changing = new ReentrantLock();

    Jobs(
            Operations operations,
            DialectDocuments documents,
            DispatcharrDatabase database,
            JobBackups backups,
            DispatcharrResponses answers,
            InstantSource clock) {
        this.operations = operations;
        this.documents = documents;
        this.database = database;
        this.backups = backups;
        this.answers = answers;
        this.clock = clock;
    }

    /**
     * What is kept of one.
     *
     * @param operation its id; empty for a restore that could not even begin
     * @param original what the client called the file; empty if it sent none
     * @param error why it could not begin
     */
    private record Entry(
            long id, String operation, boolean deleted, String original, String error, String by, long atMillis) {
        static Entry read(JsonNode node) {
            return new Entry(
                    number(node, "id"),
                    Json.text(node, "operation").orElse(""),
                    Optional.ofNullable(node.get("deleted"))
                            .map(JsonNode::getBooleanValue)
                            .orElse(false),
                    Json.text(node, "original").orElse(""),
                    Json.text(node, "error").orElse(""),
                    Json.text(node, "by").orElse(""),
                    number(node, "at"));
        }

        JsonNode tree() {
            return Json.object(
                    "id", id,
                    "operation", operation,
                    "deleted", deleted,
                    "original", original,
                    "error", error,
                    "by", by,
                    "at", atMillis);
        }

        Entry asDeleted() {
            return new Entry(id, operation, true, original, error, by, atMillis);
        }

        Entry withOriginal(String newOriginal) {
            return new Entry(id, operation, deleted, newOriginal, error, by, atMillis);
        }
    }

    private static long number(JsonNode node, String name) {
        JsonNode value = node.get(name);
        return value == null ? 0 : value.getLongValue();
    }

    /** One job as it stands now. */
    sealed interface Job {
        long id();

        Instant createdAt();

        record Worked(long id, Operation operation, String original) implements Job {
            @Override
            public Instant createdAt() {
                return operation.startedAt();
            }
        }

        /** A restore of an uploaded file that could not begin. */
        record NotBegun(long id, String original, String error, String by, Instant createdAt) implements Job {}
    }

    /** The newest first. */
    List<Job> all() {
        changing.lock();
        try {
            Map<String, Operation> known = known();
            List<Entry> entries = withoutExpired(numbered(known), known);
            return entries.stream()
                    .filter(it -> !it.deleted())
                    .<Job>map(it -> {
                        Operation operation = known.get(it.operation());
                        return operation == null
                                ? new Job.NotBegun(
                                        it.id(),
                                        it.original(),
                                        it.error(),
                                        it.by(),
                                        Instant.ofEpochMilli(it.atMillis()))
                                : new Job.Worked(it.id(), operation, it.original());
                    })
                    .sorted(Comparator.comparing(Job::createdAt)
                            .thenComparing(Job::id)
                            .reversed())
                    .toList();
        } finally {
            changing.unlock();
        }
    }

    Optional<Job> find(long id) {
        return all().stream().filter(it -> it.id() == id).findAny();
    }

    Job of(Operation operation) {
        return all().stream()
                .filter(it -> it instanceof Job.Worked worked
                        && worked.operation().id().equals(operation.id()))
                .findAny()
                .orElseThrow(() -> new IllegalStateException("operation " + operation.id() + " is not kept"));
    }

    /** Notes what the client called the file. */
    Job of(Operation operation, String original) {
        long id = of(operation).id();
        change(id, it -> it.withOriginal(original));
        return of(operation);
    }

    Job notBegun(String original, String error, String by) {
        changing.lock();
        try {
            List<Entry> entries = new ArrayList<>(numbered(known()));
            long id = last() + 1;
            entries.add(new Entry(id, "", false, original, error, by, clock.millis()));
            keep(id, entries);
            return find(id).orElseThrow();
        } finally {
            changing.unlock();
        }
    }

    void delete(long id) {
        change(id, Entry::asDeleted);
    }

    private void change(long id, UnaryOperator<Entry> change) {
        changing.lock();
        try {
            keep(
                    last(),
                    entries().stream()
                            .map(it -> it.id() == id ? change.apply(it) : it)
                            .toList());
        } finally {
            changing.unlock();
        }
    }

    private Map<String, Operation> known() {
        var known = new LinkedHashMap<String, Operation>();
        Stream.of(OperationKind.BACKUP, OperationKind.RESTORE)
                .flatMap(it -> list(it).stream())
                .sorted(Comparator.comparing(Operation::startedAt))
                .forEach(it -> known.put(it.id().value(), it));
        return known;
    }

    private List<Operation> list(OperationKind kind) {
        return page(kind, "").operations();
    }

    private Operations.Page page(OperationKind kind, String token) {
        var filter = new OperationLog.Filter(
                Optional.of(database.key()), Optional.empty(), Optional.of(kind), Optional.empty());
        return switch (operations.list(filter, Operations.LARGEST_PAGE, token)) {
            case Outcome.Done<Operations.Page>(var page) -> page;
            case Outcome.Refused<Operations.Page>(var problem) -> throw new ProblemException(problem);
        };
    }

    /** Gives numbers to what is new, and forgets what is not known any more. */
    private List<Entry> numbered(Map<String, Operation> known) {
        List<Entry> before = entries();
        List<Entry> entries = new ArrayList<>();
        Set<String> had = new HashSet<>();
        long withoutOperation =
                before.stream().filter(it -> it.operation().isEmpty()).count();
        for (Entry entry : before) {
            boolean stays = entry.operation().isEmpty()
                    ? !entry.deleted() && withoutOperation-- <= MOST_WITHOUT_OPERATION
                    : known.containsKey(entry.operation());
            if (stays) {
                entries.add(entry);
                had.add(entry.operation());
            }
        }
        long last = last();
        for (String operation : known.keySet()) {
            if (!had.contains(operation)) {
                entries.add(new Entry(++last, operation, false, "", "", "", 0));
            }
        }
        if (!entries.equals(before)) {
            keep(last, entries);
        }
        return entries;
    }

    /** Retention's own results say what it removed. A backup that is there, or cannot be looked for, keeps its record. */
    private List<Entry> withoutExpired(List<Entry> entries, Map<String, Operation> known) {
        List<Operation> made = entries.stream()
                .filter(it -> !it.deleted())
                .flatMap(it -> Stream.ofNullable(known.get(it.operation())))
                .filter(it -> it.result().orElse(null) instanceof Result.BackupMade)
                .toList();
        if (made.isEmpty()) {
            return entries;
        }
        Instant oldest = made.stream()
                .map(Operation::startedAt)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        Map<BackupKey, Instant> expired = expiredSince(oldest);
        Set<String> gone = made.stream()
                .filter(it -> isExpired(it, expired) && backups.isGone(it))
                .map(it -> it.id().value())
                .collect(Collectors.toSet());
        if (gone.isEmpty()) {
            return entries;
        }
        List<Entry> rest = entries.stream()
                .map(it -> gone.contains(it.operation()) ? it.asDeleted() : it)
                .toList();
        keep(last(), rest);
        return rest;
    }

    /** A later backup may have the name of one that was removed. */
    private static boolean isExpired(Operation job, Map<BackupKey, Instant> expired) {
        return job.result()
                .flatMap(Result::about)
                .map(expired::get)
                .filter(it -> !job.startedAt().isAfter(it))
                .isPresent();
    }

    /** When retention has last removed a backup of each name. */
    private Map<BackupKey, Instant> expiredSince(Instant oldest) {
        Map<BackupKey, Instant> expired = new HashMap<>();
        String token = "";
        do {
            Operations.Page page = page(OperationKind.EXPIRE, token);
            for (Operation run : page.operations()) {
                if (run.startedAt().isBefore(oldest)) {
                    return expired;
                }
                if (run.result().orElse(null) instanceof Result.Expired(var removed, var _)) {
                    removed.forEach(it -> expired.putIfAbsent(it, run.startedAt()));
                }
            }
            token = page.nextPageToken();
        } while (!token.isEmpty());
        return expired;
    }

    private Optional<JsonNode> kept() {
        return documents.find(database.key(), DOCUMENT).map(answers::readKept);
    }

    private long last() {
        return kept().map(it -> number(it, LAST)).orElse(0L);
    }

    private List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        kept().map(it -> it.get(JOBS)).ifPresent(it -> it.values().forEach(entry -> entries.add(Entry.read(entry))));
        return entries;
    }

    private void keep(long last, List<Entry> entries) {
        documents.keep(
                database.key(),
                DOCUMENT,
                answers.text(Json.object(
                        LAST,
                        last,
                        JOBS,
                        Json.array(entries.stream().map(Entry::tree).toList()))));
    }
}
