package dev.holdfast.endtoend.soak;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What a power cut could have taken away, by the order of the calls: content that was written after the last sync of its
 * file, and names that were given or taken after the last sync of their directory.
 *
 * <p>Three things must never be at risk: a name that readers rely on, of content that was not synced; anything in the
 * store or the journal of a restore when the first byte of a live file changes; and, when the answer is success, any
 * name or content in the store and the live folders.
 */
final class SyncOrder {
    /** What SQLite writes over the beginning of a rollback journal that is over, {@code zeroJournalHdr} in pager.c. */
    private static final int ZEROED_BYTES = 28;

    private final Path store;
    private final Path journal;
    private final List<Path> live;

    /** A file with several names is one entry. */
    private final Map<Path, FileState> contents = new HashMap<>();

    private static final class FileState {
        private boolean synced = true;
        /** Bytes since it was synced. */
        private long written;
        /** Whether SQLite would not roll it back: of a rollback journal, that it is empty or begins with zeros. */
        private boolean harmless;
    }

    /** By directory: the names in it that were given or taken. */
    private final Map<Path, Set<Path>> unsyncedNames = new HashMap<>();

    private final Set<Path> created = new LinkedHashSet<>();
    private final Set<Path> removed = new HashSet<>();
    private final Set<String> findings = new LinkedHashSet<>();

    private SyncOrder(Path store, Path journal, List<Path> live) {
        this.store = store;
        this.journal = journal;
        this.live = live;
    }

    /**
     * @param store the directory of backups
     * @param journal the directory of restores' journals
     * @param live the folders of the databases
     * @param succeeded whether the answer was success
     */
    static List<String> check(List<RecordedCall> calls, Path store, Path journal, List<Path> live, boolean succeeded) {
        var order = new SyncOrder(store, journal, live);
        calls.stream().filter(RecordedCall::succeeded).forEach(order::follow);
        if (succeeded) {
            order.requireNothingUnsynced("at the end", true);
        }
        return new ArrayList<>(order.findings);
    }

    private void follow(RecordedCall call) {
        Path path = call.path();
        switch (call.call()) {
            case WRITE, PWRITE, COPY_FILE_RANGE, SENDFILE, FTRUNCATE, FALLOCATE -> {
                changesLive(path, call);
                FileState file = contents.computeIfAbsent(path, _ -> new FileState());
                // A short write is followed by another one.
                file.written = call.amount() + (file.synced ? 0 : file.written);
                file.synced = false;
                file.harmless = call.call() == SystemCall.FTRUNCATE ? call.amount() == 0 : file.written == ZEROED_BYTES;
            }
            case FSYNC, FDATASYNC -> {
                contents.computeIfAbsent(path, _ -> new FileState()).synced = true;
                if (unsyncedNames.remove(path) != null) {
                    created.removeIf(it -> it.resolveSibling("").equals(path));
                }
            }
            case CREATE -> {
                if (call.amount() == 0) {
                    changesLive(path, call);
                    contents.put(path, new FileState());
                    changedName(path);
                    created.add(path);
                }
            }
            case MKDIR -> changedName(path);
            case OPEN, READ -> {} // change nothing, and are never recorded
            case RENAME, RENAMEAT2 -> {
                Path to = Path.of(call.other());
                changesLive(path, call);
                changesLive(to, call);
                marks(to);
                requireContent(path, to);
                moveUnder(path, to);
                changedName(path);
                changedName(to);
            }
            case LINK -> {
                Path to = Path.of(call.other());
                changesLive(to, call);
                requireContent(path, to);
                contents.put(to, contents.computeIfAbsent(path, _ -> new FileState()));
                changedName(to);
            }
            case UNLINK, RMDIR -> {
                FileState file = contents.remove(path);
                boolean harmless = isLeftoverMetadata(path)
                        || (file != null && file.synced && file.harmless && isJournalOfSqlite(path));
                removed.add(path);
                unsyncedNames.remove(path);
                if (created.remove(path) || harmless) {
                    names(path).remove(path);
                } else if (matters(path)) {
                    changedName(path);
                }
            }
        }
    }

    private Set<Path> names(Path path) {
        return unsyncedNames.computeIfAbsent(path.resolveSibling(""), _ -> new TreeSet<>());
    }

    private void changedName(Path path) {
        names(path).add(path);
    }

    /** A directory takes what is in it along. */
    private void moveUnder(Path from, Path to) {
        UnaryOperator<Path> moved =
                it -> it.startsWith(from) ? to.resolve(from.relativize(it)).normalize() : it;
        var content = new HashMap<Path, FileState>();
        contents.forEach((path, it) -> content.put(moved.apply(path), it));
        contents.clear();
        contents.putAll(content);
        var names = new HashMap<Path, Set<Path>>();
        unsyncedNames.forEach((directory, changed) -> {
            var all = new TreeSet<Path>();
            changed.stream().filter(it -> !it.equals(from)).forEach(it -> all.add(moved.apply(it)));
            names.put(moved.apply(directory), all);
        });
        unsyncedNames.clear();
        unsyncedNames.putAll(names);
    }

    private void requireContent(Path from, Path to) {
        if (!matters(to)) {
            return;
        }
        unsynced()
                .filter(it -> it.startsWith(from))
                .forEach(it ->
                        findings.add(shown(to) + " got its name before the content of " + shown(it) + " was synced"));
        unsyncedNames.forEach((directory, changed) -> {
            if (directory.startsWith(from) && !changed.isEmpty()) {
                findings.add(shown(to) + " got its name before the directory of "
                        + shown(changed.iterator().next()) + " was synced");
            }
        });
    }

    /** What a live file or folder held is at risk from now on, so all that can bring it back must be safe. */
    private void changesLive(Path path, RecordedCall call) {
        if (isLive(path) && !isStaged(path)) {
            requireNothingUnsynced("when " + call.call() + " changed " + shown(path), false);
        }
    }

    private Stream<Path> unsynced() {
        return contents.entrySet().stream().filter(it -> !it.getValue().synced).map(Map.Entry::getKey);
    }

    /** A mark in the journal says that what came before it is done. */
    private void marks(Path to) {
        if (to.startsWith(journal) && !to.getFileName().toString().endsWith(".unset")) {
            unsynced()
                    .filter(it -> it.startsWith(to.resolveSibling("")))
                    .forEach(it -> findings.add(
                            "the content of " + shown(it) + " was not synced when the journal got " + shown(to)));
            unsyncedNames.forEach((directory, changed) -> {
                if (isLive(directory)) {
                    changed.stream()
                            .filter(this::matters)
                            .filter(it -> !isJournalOfSqlite(it))
                            .forEach(it -> findings.add("the directory of " + shown(it)
                                    + " was not synced when the journal got " + shown(to)));
                }
            });
        }
    }

    private void requireNothingUnsynced(String when, boolean alsoLive) {
        unsynced()
                .filter(it -> alsoLive ? matters(it) && !isRolledBackLater(it) : isStored(it) || it.startsWith(journal))
                .forEach(it -> findings.add("the content of " + shown(it) + " was not synced " + when));
        unsyncedNames
                .values()
                .forEach(changed -> changed.forEach(path -> {
                    if (alsoLive ? matters(path) : isStored(path) || path.startsWith(journal)) {
                        findings.add("the directory of " + shown(path) + " was not synced " + when);
                    }
                }));
    }

    /** Whether its rollback journal is still there and synced: SQLite writes the file again before anything reads it. */
    private boolean isRolledBackLater(Path path) {
        FileState rollback = contents.get(path.resolveSibling(path.getFileName() + "-journal"));
        return rollback != null && rollback.synced && !rollback.harmless;
    }

    /** Whether readers rely on this name, or an application does. */
    private boolean matters(Path path) {
        return isStored(path) || (isLive(path) && !isStaged(path));
    }

    private boolean isStored(Path path) {
        return path.startsWith(store)
                && !path.toString().contains("/.holdfast/part")
                && !path.toString().contains("/.holdfast/claims");
    }

    /** Of a backup that was not removed in this record, so there was none: if the name comes back, each start removes it. */
    private boolean isLeftoverMetadata(Path path) {
        String name = path.getFileName().toString();
        return path.startsWith(store)
                && path.toString().contains("/.holdfast/meta/")
                && name.endsWith(".json")
                && !removed.contains(store.resolve(name.substring(0, name.length() - ".json".length())));
    }

    private boolean isLive(Path path) {
        return live.stream().anyMatch(path::startsWith) && !path.toString().endsWith("-shm");
    }

    /** Under a name that no application knows. */
    private boolean isStaged(Path path) {
        return path.toString().contains("/.holdfast-");
    }

    private static boolean isJournalOfSqlite(Path path) {
        return path.toString().endsWith("-journal") || path.toString().endsWith("-wal");
    }

    private static String shown(Path path) {
        return path.toString().replaceAll(".*/hf-soak\\d+/f/", "").replaceAll("\\d{8,}", "N");
    }
}
