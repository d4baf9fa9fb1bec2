package dev.holdfast.endtoend.soak.stores;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every entry that the writer of one database has committed. An entry names the one before it, so the newest entry of a
 * copy, its head, determines all that a whole copy holds. A restore makes the next entry follow an older one. Thread-safe.
 */
final class EntryHistory {
    private final Map<Long, Entry> entries = new HashMap<>();
    private final List<RestoreAttempt> attempts = new ArrayList<>();
    private long head;

    /** @param count the number of entries up to this one */
    private record Entry(long previous, long count) {}

    /** How a restore ended, as the client saw it. */
    enum Outcome {
        RUNNING,
        SUCCEEDED,
        REFUSED,
        /** The connection ended before an answer came. */
        UNKNOWN
    }

    /** One request to restore a backup. */
    static final class RestoreAttempt {
        private final String filename;
        private final long head;
        private final long headBefore;
        private Outcome outcome = Outcome.RUNNING;
        private boolean effective;

        private RestoreAttempt(String filename, long head, long headBefore) {
            this.filename = filename;
            this.head = head;
            this.headBefore = headBefore;
        }

        long head() {
            return head;
        }

        long headBefore() {
            return headBefore;
        }
    }

    /** The newest entry that was acknowledged. */
    synchronized long head() {
        return head;
    }

    synchronized boolean contains(long sequence) {
        return entries.containsKey(sequence);
    }

    /** The number of entries that a whole copy with this head holds. */
    synchronized long countUpTo(long sequence) {
        Entry entry = entries.get(sequence);
        return entry == null ? -1 : entry.count();
    }

    /** Whether a copy with the head holds the entry. */
    synchronized boolean isPart(long sequence, long of) {
        long at = of;
        while (at > sequence) {
            Entry entry = entries.get(at);
            at = entry == null ? 0 : entry.previous();
        }
        return at == sequence;
    }

    /**
     * Records an acknowledged entry.
     *
     * @return what is wrong if the database lost or gained entries that no restore explains
     */
    synchronized Optional<String> commit(long sequence, long previous) {
        long before = head;
        Entry follows = entries.get(previous);
        entries.put(sequence, new Entry(previous, follows == null ? 1 : follows.count() + 1));
        head = sequence;
        if (previous == before) {
            return Optional.empty();
        }
        String jump = "entry " + sequence + " follows " + previous + " instead of " + before;
        if (follows == null) {
            return Optional.of(jump + ", which this database never held");
        }
        List<RestoreAttempt> fitting =
                attempts.stream().filter(it -> it.head == previous).toList();
        if (fitting.isEmpty()) {
            return Optional.of(jump + ", and no restore asked for that");
        }
        fitting.forEach(it -> it.effective = true);
        if (fitting.stream().allMatch(it -> it.outcome == Outcome.REFUSED)) {
            return Optional.of(jump + ": the restore of " + fitting.getLast().filename
                    + " was refused, but the database holds that backup");
        }
        return Optional.empty();
    }

    synchronized RestoreAttempt beginRestore(String filename, long headOfBackup) {
        var attempt = new RestoreAttempt(filename, headOfBackup, head);
        attempts.add(attempt);
        return attempt;
    }

    /** @return what is wrong if the outcome contradicts what the database held meanwhile */
    synchronized Optional<String> endRestore(RestoreAttempt attempt, Outcome outcome) {
        attempt.outcome = outcome;
        boolean isAlone =
                attempts.stream().filter(it -> it.head == attempt.head).count() == 1;
        return outcome == Outcome.REFUSED && attempt.effective && isAlone
                ? Optional.of("the restore of " + attempt.filename
                        + " was refused, but the database held that backup by then")
                : Optional.empty();
    }

    /** Whether the database holds the backup and what was written since, unless a later restore replaced that. */
    synchronized boolean hasTakenEffect(RestoreAttempt attempt) {
        boolean wasReplaced = attempts.indexOf(attempt) < attempts.size() - 1;
        if (attempt.effective || wasReplaced || attempt.head == attempt.headBefore) {
            return true;
        }
        long at = head;
        while (at > attempt.headBefore) {
            Entry entry = entries.get(at);
            at = entry == null ? 0 : entry.previous();
        }
        return at == attempt.head;
    }

    /** Whether a safety backup with this head may be what the restore replaced. */
    synchronized boolean mayHaveBeenReplaced(long headOfSafety, RestoreAttempt attempt) {
        return isPart(attempt.headBefore, headOfSafety)
                || attempts.stream().anyMatch(it -> it != attempt && isPart(it.head, headOfSafety));
    }

    /** Whether a restore was asked for since they were forgotten. */
    synchronized boolean hasRestores() {
        return !attempts.isEmpty();
    }

    /** Forgets the restores that have ended, once nothing runs any more. */
    synchronized void forgetRestores() {
        attempts.removeIf(it -> it.outcome != Outcome.RUNNING);
    }
}
