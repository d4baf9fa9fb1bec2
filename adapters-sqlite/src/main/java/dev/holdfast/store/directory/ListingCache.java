package dev.holdfast.store.directory;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.store.folder.FileStamp;
import dev.holdfast.store.folder.FileWork;
import dev.holdfast.store.folder.Folders;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The last list, while nothing has changed. A look at each of 10,000 files takes longer than a page may take to come.
 *
 * <p>Changes of this process are seen at once, and so are files that come, go or are renamed, since they change their
 * folder's time. What somebody does inside a file is seen after {@link #LONGEST} at most. Whoever needs to be sure of
 * one backup asks for that one, which is never remembered here.
 */
final class ListingCache {
    private static final Duration LONGEST = Duration.ofSeconds(10);

    /** Well above the grain of a folder's time, within which a second change leaves no trace. */
    private static final Duration SETTLING = Duration.ofSeconds(1);

    private final Folders folders;
    private final InstantSource clock;
    private final AtomicLong changes = new AtomicLong();
    private volatile @Nullable Remembered last;

    ListingCache(Folders folders, InstantSource clock) {
        this.folders = folders;
        this.clock = clock;
    }

    /** @param moment before the scan began, as everything else here but the list */
    private record Remembered(Moment moment, List<Backup> backups) {}

    private record Moment(long change, Instant at, List<@Nullable FileStamp> folders) {
        boolean isSettled() {
            Instant settled = at.minus(SETTLING);
            return folders.stream()
                    .allMatch(it -> it == null || it.modified().toInstant().isBefore(settled));
        }
    }

    void forget() {
        changes.incrementAndGet();
    }

    List<Backup> recallOr(FileWork<List<Backup>> scan) throws IOException {
        Moment now = now();
        Remembered remembered = last;
        if (remembered != null && isStill(remembered.moment(), now)) {
            return remembered.backups();
        }
        List<Backup> backups = scan.run();
        last = now.isSettled() ? new Remembered(now, backups) : null;
        return backups;
    }

    private Moment now() throws IOException {
        long change = changes.get();
        List<@Nullable FileStamp> stamps = new ArrayList<>();
        stamps.add(FileStamp.of(folders.artifacts().resolve("."))); // of the directory, also where a link leads to it
        for (Path folder : folders.metadata()) {
            stamps.add(FileStamp.of(folder));
        }
        return new Moment(change, clock.instant(), stamps);
    }

    /** A clock that stands still, or goes back, tells no age: then nothing is remembered. */
    private static boolean isStill(Moment before, Moment now) {
        Duration age = Duration.between(before.at(), now.at());
        return before.change() == now.change()
                && age.isPositive()
                && age.compareTo(LONGEST) < 0
                && before.folders().equals(now.folders());
    }
}
