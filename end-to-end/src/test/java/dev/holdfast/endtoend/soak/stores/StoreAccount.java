package dev.holdfast.endtoend.soak.stores;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a disk must hold: each artifact that was ever seen there or reported as made, and what allows its removal. Reads
 * only answers and the disk. Thread-safe.
 */
final class StoreAccount {
    private final String database;
    private final StoreDisk disk;
    private final EntryHistory history;
    private final Findings findings;

    private final Map<String, Known> artifacts = new TreeMap<>();
    private final List<Creation> creations = new ArrayList<>();
    private final Set<String> deleted = new HashSet<>();
    /** How many requests to delete a backup have no known outcome. */
    private final Map<String, Integer> perhapsDeleted = new HashMap<>();

    private final Set<String> unpinned = new HashSet<>();
    private final Set<String> pinnedNow = new HashSet<>();
    private final Map<String, Integer> perhapsPinned = new HashMap<>();
    private final Map<String, Boolean> pins = new HashMap<>();

    /** An artifact that is stored. */
    record Known(String sha256, long head, String origin) {
        boolean isPlanned() {
            return origin.equals("automatic");
        }
    }

    /**
     * A backup that an answer reported as made.
     *
     * @param oldest the head when it was asked for
     * @param newest the head when it was answered
     * @param sha256 of an upload; empty for a backup
     */
    record Creation(String filename, long size, long oldest, long newest, String sha256, String request) {}

    StoreAccount(String database, StoreDisk disk, EntryHistory history, Findings findings) {
        this.database = database;
        this.disk = disk;
        this.history = history;
        this.findings = findings;
    }

    String database() {
        return database;
    }

    StoreDisk disk() {
        return disk;
    }

    EntryHistory history() {
        return history;
    }

    synchronized Map<String, Known> artifacts() {
        return new TreeMap<>(artifacts);
    }

    synchronized Optional<Known> find(String filename) {
        return Optional.ofNullable(artifacts.get(filename));
    }

    synchronized void replace(Map<String, Known> now) {
        artifacts.clear();
        artifacts.putAll(now);
    }

    synchronized void create(Creation creation) {
        creations.add(creation);
    }

    synchronized void beginDelete(String filename) {
        perhapsDeleted.merge(filename, 1, Integer::sum);
    }

    /** @param status 0 if no answer came */
    synchronized void endDelete(String filename, int status) {
        if (status == 200) {
            deleted.add(filename);
            requireNoContradiction(filename);
        }
        if (status > 0) {
            perhapsDeleted.computeIfPresent(filename, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    synchronized void beginPin(String filename, boolean pinned) {
        perhapsPinned.merge(filename, 1, Integer::sum);
        if (!pinned) {
            unpinned.add(filename);
        }
    }

    synchronized void endPin(String filename, boolean pinned, int status) {
        if (status == 0) {
            return;
        }
        // An earlier one whose outcome is unknown stays unknown.
        perhapsPinned.computeIfPresent(filename, (_, count) -> count == 1 ? null : count - 1);
        if (status == 200 && pinned) {
            pinnedNow.add(filename);
            requireNoContradiction(filename);
        }
        if (status == 200) {
            pins.put(filename, pinned);
        }
    }

    private void requireNoContradiction(String filename) {
        if (deleted.contains(filename) && pinnedNow.contains(filename) && !unpinned.contains(filename)) {
            findings.report(
                    "a pinned backup is deleted", database + ": pin and delete of " + filename + " both answered 200");
        }
    }

    /** Whether a request that may still have its effect concerned the pin. */
    synchronized boolean isPinUncertain(String filename) {
        return perhapsPinned.containsKey(filename);
    }

    synchronized boolean wasUnpinned(String filename) {
        return unpinned.contains(filename);
    }

    synchronized boolean mayBeDeleted(String filename) {
        return deleted.contains(filename) || perhapsDeleted.containsKey(filename);
    }

    synchronized List<Creation> creations() {
        return new ArrayList<>(creations);
    }

    synchronized Set<String> deletions() {
        return new HashSet<>(deleted);
    }

    /** Begins the next round: nothing runs any more, and all that was answered has been compared with the disk. */
    synchronized void settle() {
        creations.clear();
        deleted.clear();
        perhapsDeleted.clear();
        unpinned.clear();
        pinnedNow.clear();
        perhapsPinned.clear();
        history.forgetRestores();
    }

    /** Whether the last answer about the pin was that the backup is pinned. */
    synchronized boolean isPinned(String filename) {
        return pins.getOrDefault(filename, false);
    }

    /** Takes over what a listing shows, after a request whose outcome is unknown. */
    synchronized void assumePin(String filename, boolean pinned) {
        pins.put(filename, pinned);
    }
}
