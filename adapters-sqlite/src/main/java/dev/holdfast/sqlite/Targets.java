package dev.holdfast.sqlite;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.Unpacking.DatabasePart;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.restore.LiveDatabases.Keeper;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The databases that one restore replaces, each behind its gate. For one thread. */
final class Targets implements AutoCloseable {
    private final Opened opened = new Opened();
    private final List<Target> targets = new ArrayList<>();
    private final Scratch scratch;
    private final InstantSource clock;
    private final FailPoints failPoints;
    private final Deadline deadline;
    private final Work work;

    private Targets(Scratch scratch, InstantSource clock, FailPoints failPoints, Deadline deadline, Work work) {
        this.scratch = scratch;
        this.clock = clock;
        this.failPoints = failPoints;
        this.deadline = deadline;
        this.work = work;
    }

    /** What happens between the steps of a replacement. */
    interface Steps {
        /** Whether something else than the databases is there and about to be replaced. */
        boolean replacesMore();

        /** All is locked, nothing is kept yet. */
        void securing() throws IOException;

        /**
         * All is locked and kept, nothing is replaced yet.
         *
         * @param current of those databases that are there
         * @param whole whether all that is there was kept
         */
        void secured(List<DatabaseImage> current, boolean whole) throws IOException;

        /** From here on it may hold the new content. */
        void starting(Path target) throws IOException;

        /** Replacing it has failed, and it holds the old content. */
        void untouched(Path target) throws IOException;

        /** One more is done. */
        void replaced();
    }

    private static final Steps NONE = new Steps() {
        @Override
        public boolean replacesMore() {
            return false;
        }

        @Override
        public void securing() {}

        @Override
        public void secured(List<DatabaseImage> current, boolean whole) {}

        @Override
        public void starting(Path target) {}

        @Override
        public void untouched(Path target) {}

        @Override
        public void replaced() {}
    };

    /** Waits for the gates in the order in which a snapshot does, so that none of them waits for the other forever. */
    static Targets of(
            List<DatabasePart> parts,
            Scratch scratch,
            InstantSource clock,
            FailPoints failPoints,
            Deadline deadline,
            Work work)
            throws IOException, SQLException {
        Targets targets = new Targets(scratch, clock, failPoints, deadline, work);
        try {
            List<LiveFile> files = new ArrayList<>();
            for (DatabasePart part : parts) {
                files.add(file(part));
            }
            files.stream()
                    .map(LiveFile::path)
                    .sorted()
                    .forEach(path -> targets.opened.add(FileGate.enter(path, deadline, work)));
            for (int i = 0; i < parts.size(); i++) {
                targets.targets.add(targets.opened.add(targets.prepare(parts.get(i), files.get(i))));
            }
            return targets;
        } catch (Throwable e) {
            targets.opened.closeAfter(e);
            throw e;
        }
    }

    private static LiveFile file(DatabasePart part) throws IOException {
        Path target = part.target();
        SourceAccess.requireRestorable(target);
        if (isThere(target)) {
            LiveFile file = LiveFile.existing(target);
            Optional<LoneMount> lone = LoneMount.of(file);
            if (lone.isPresent()) {
                throw new ProblemException(lone.get().forRestore());
            }
            return file;
        }
        Path directory = target.toAbsolutePath().getParent();
        if (directory == null) {
            throw new ProblemException(new Problem.NotADatabase(target + " is not a file's name."));
        }
        LiveFile.requireLinksLead(directory);
        NewFolders.make(directory, part.ownership());
        LiveFile file = new LiveFile(directory.toRealPath().resolve(target.getFileName()));
        SidecarCheck.require(file);
        return file;
    }

    static boolean isThere(Path target) {
        return Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    }

    private Target prepare(DatabasePart part, LiveFile file) throws IOException, SQLException {
        if (isThere(part.target())) {
            return ExistingTarget.prepare(part.target(), file, part.image(), scratch, clock, deadline, work);
        }
        UnlockedWriters.awaitNoLockFolder(file, deadline, work);
        return new MissingTarget(part.target(), file, part.image(), part.ownership(), clock);
    }

    /** Each database in a transaction of its own, all of them locked before the first one is replaced. */
    <K> Optional<K> replace(Keeper<K> keeper, Work work) throws IOException, SQLException {
        return replace(keeper, NONE, work);
    }

    <K> Optional<K> replace(Keeper<K> keeper, Steps steps, Work work) throws IOException, SQLException {
        List<Kept<K>> kept = new ArrayList<>();
        requireSpace();
        work.checkCancelled();
        if (targets.stream().anyMatch(ExistingTarget.class::isInstance)) {
            work.enter(Phase.LOCKING_SOURCE, 0);
        }
        var locking = new Locking(steps, work, current -> {
            steps.securing();
            if (!current.isEmpty() || steps.replacesMore()) {
                kept.add(keep(keeper, current));
            }
            // What was kept may lie on the same disk.
            requireSpace();
            work.checkCancelled();
            steps.secured(current, kept.stream().allMatch(Kept::whole));
        });
        locking.from(0, List.of());
        return kept.stream().findFirst().map(Kept::what);
    }

    private static <K> Kept<K> keep(Keeper<K> keeper, List<DatabaseImage> current) {
        return switch (keeper.keep(current)) {
            case Outcome.Done<Kept<K>>(Kept<K> kept) -> kept;
            case Outcome.Refused<Kept<K>>(Problem problem) -> throw new ProblemException(problem);
        };
    }

    private interface Innermost {
        void run(List<DatabaseImage> current) throws IOException;
    }

    /**
     * Goes from the first database to the last one, each step inside the lock of the one before, and replaces them on the
     * way back: the first one, which everything else belongs to, as the last.
     */
    private final class Locking {
        private final Steps steps;
        private final Work work;
        private final Innermost innermost;

        Locking(Steps steps, Work work, Innermost innermost) {
            this.steps = steps;
            this.work = work;
            this.innermost = innermost;
        }

        void from(int index, List<DatabaseImage> current) throws IOException, SQLException {
            if (index == targets.size()) {
                innermost.run(current);
                return;
            }
            // A test can tell the databases of a group apart.
            FailPoints points = index == 0 ? failPoints : step -> failPoints.reached(step + "." + index);
            Path name = targets.get(index).name();
            switch (targets.get(index)) {
                case MissingTarget missing -> {
                    from(index + 1, current);
                    steps.starting(name);
                    missing.write(new Uncancelled(work), points);
                }
                case ExistingTarget existing -> {
                    try {
                        existing.replace(image -> locked(index, image, current), deadline, work, points);
                    } catch (Throwable e) {
                        untouched(existing, e);
                        throw e;
                    }
                }
            }
            steps.replaced();
        }

        private void locked(int index, Image image, List<DatabaseImage> current) throws IOException, SQLException {
            Path name = targets.get(index).name();
            from(
                    index + 1,
                    Stream.concat(current.stream(), Stream.of(new DatabaseImage(name, image)))
                            .toList());
            steps.starting(name);
        }

        private void untouched(ExistingTarget existing, Throwable failure) {
            if (!existing.mayBeChanged()) {
                try {
                    steps.untouched(existing.name());
                } catch (IOException e) {
                    failure.addSuppressed(e); // it is put back, though nothing would have to be
                }
            }
        }
    }

    private void requireSpace() throws IOException {
        Map<FileStore, Long> needed = new HashMap<>();
        for (Target target : targets) {
            long sum = needed.merge(Files.getFileStore(target.directory()), target.spaceNeeded(), Long::sum);
            FullDisk.require(target.directory(), sum);
        }
    }

    /** Undoes a replacement that has succeeded, where a later one of the same restore has not. */
    void putBack(Path name, Artifact old) throws IOException, SQLException {
        Deadline anew = deadline.anew();
        Work unwatched = new Uncancelled(work);
        try (var target = ExistingTarget.prepare(name, LiveFile.existing(name), old, scratch, clock, anew, unwatched)) {
            target.replace(_ -> {}, anew, unwatched, FailPoints.NONE);
        }
    }

    @Override
    public void close() throws IOException {
        opened.close();
    }
}
