package dev.holdfast.sqlite.restore;

import static java.util.Objects.requireNonNull;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.LiveDatabases.Keeper;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.HeldFolders;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SidecarCheck;
import dev.holdfast.sqlite.file.SourceAccess;
import dev.holdfast.sqlite.file.UnlockedWriters;
import dev.holdfast.sqlite.io.Deadline;
import dev.holdfast.sqlite.io.ResourceStack;
import dev.holdfast.sqlite.io.UncancellableMonitor;
import dev.holdfast.sqlite.lock.FileGate;
import dev.holdfast.sqlite.wal.LoneMount;
import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.LinkedPathException;
import dev.holdfast.tree.RealPath;
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
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The databases that one restore replaces, behind their gate. For one thread. */
final class RestoreTargets implements AutoCloseable {
    private final ResourceStack opened = new ResourceStack();
    private final List<RestoreTarget> targets = new ArrayList<>();
    private final Scratch scratch;
    private final KnownFiles known;
    private final InstantSource clock;
    private final FailPoints failPoints;
    private final Deadline deadline;
    private final ProgressMonitor work;
    private @Nullable HeldFolders folders;

    private RestoreTargets(
            Scratch scratch,
            KnownFiles known,
            InstantSource clock,
            FailPoints failPoints,
            Deadline deadline,
            ProgressMonitor work) {
        this.known = known;
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

        /**
         * Whether to replace this one, which is locked.
         *
         * @param current what it holds
         * @param fresh what would go in
         */
        boolean isWanted(Path target, Image current, RestoreImage fresh) throws IOException;

        /**
         * From here on it may hold the new content.
         *
         * @param current what it holds; empty if no file is there
         */
        void starting(Path target, Optional<Image> current) throws IOException;

        /**
         * A file that holds the new content is about to get its name, where none was.
         *
         * @param inode of the file
         */
        default void making(Path target, long inode) throws IOException {}

        /** It holds the new content, which was compared; a file that was there is still locked if its lock lasts. */
        void compared(Path target);

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
        public boolean isWanted(Path target, Image current, RestoreImage fresh) {
            return true;
        }

        @Override
        public void secured(List<DatabaseImage> current, boolean whole) {}

        @Override
        public void starting(Path target, Optional<Image> current) {}

        @Override
        public void compared(Path target) {}

        @Override
        public void replaced() {}
    };

    /** Waits for the gate as a snapshot does. */
    static RestoreTargets of(
            List<DatabasePart> parts,
            Scratch scratch,
            KnownFiles known,
            InstantSource clock,
            FailPoints failPoints,
            Deadline deadline,
            ProgressMonitor work)
            throws IOException, SQLException {
        RestoreTargets targets = new RestoreTargets(scratch, known, clock, failPoints, deadline, work);
        try {
            List<LiveFile> files = new ArrayList<>();
            for (DatabasePart part : parts) {
                files.add(file(part, known));
            }
            targets.opened.add(FileGate.enter(files.stream().map(LiveFile::path).toList(), deadline, work));
            targets.folders = targets.opened.add(HeldFolders.of(files));
            for (int i = 0; i < parts.size(); i++) {
                LiveFile file = targets.folders.in(files.get(i));
                targets.targets.add(targets.opened.add(targets.prepare(parts.get(i), file)));
            }
            return targets;
        } catch (Throwable e) {
            targets.opened.closeAfter(e);
            throw e;
        }
    }

    private static LiveFile file(DatabasePart part, KnownFiles known) throws IOException {
        Path target = part.target();
        SourceAccess.requireRestorable(target);
        if (isThere(target)) {
            LiveFile file = LiveFile.existing(target, known);
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
        Path real = RealPath.of(directory).resolve(target.getFileName());
        known.requireAccepted(target, real);
        LiveFile file = new LiveFile(real, known.lookAtOthers(List.of(target)));
        makeFolder(file, part);
        known.requireAccepted(target, real); // a folder that was missing is known by its identity now
        SidecarCheck.require(file);
        return file;
    }

    private static void makeFolder(LiveFile file, DatabasePart part) throws IOException {
        try {
            NewFolders.make(file.directory(), part.ownership());
        } catch (LinkedPathException e) {
            throw new ProblemException(file.isElsewhere(file.directory()), e);
        }
    }

    static boolean isThere(Path target) {
        return Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    }

    private RestoreTarget prepare(DatabasePart part, LiveFile file) throws IOException, SQLException {
        if (isThere(part.target())) {
            return ExistingTarget.prepare(part.target(), file, part.image(), scratch, clock, deadline, work);
        }
        UnlockedWriters.awaitNoLockFolder(file, deadline, work);
        return new MissingTarget(part.target(), file, part.image(), part.ownership(), clock);
    }

    /** Each database in a transaction of its own, all of them locked before the first one is replaced. */
    <K> Optional<K> replace(Keeper<K> keeper, ProgressMonitor work) throws IOException, SQLException {
        return replace(keeper, NONE, work);
    }

    <K> Optional<K> replace(Keeper<K> keeper, Steps steps, ProgressMonitor work) throws IOException, SQLException {
        List<Kept<K>> kept = new ArrayList<>();
        requireSpace();
        work.checkCancelled();
        if (targets.stream().anyMatch(ExistingTarget.class::isInstance)) {
            work.enter(Phase.LOCKING_SOURCE, 0);
        }
        var locking = new Locking(steps, work, (current, anyWanted) -> {
            if (!anyWanted) {
                return false;
            }
            requireTogether();
            steps.securing();
            if (!current.isEmpty() || steps.replacesMore()) {
                kept.add(keep(keeper, current));
            }
            // What was kept may lie on the same disk.
            requireSpace();
            work.checkCancelled();
            steps.secured(current, kept.stream().allMatch(Kept::whole));
            return true;
        });
        locking.from(0, List.of(), false);
        return kept.stream().findFirst().map(Kept::what);
    }

    /** All is locked: whatever exchanges the files from here on leaves the opened ones alone. */
    private void requireTogether() throws IOException {
        Map<Path, FileIdentity> files = new HashMap<>();
        for (RestoreTarget target : targets) {
            if (target instanceof ExistingTarget existing) {
                files.put(existing.path(), existing.identity());
            }
        }
        Optional<LiveFile> elsewhere = requireNonNull(folders).firstElsewhere(files);
        if (elsewhere.isPresent()) {
            throw new ProblemException(UnlockedWriters.changed(elsewhere.get()));
        }
    }

    private static <K> Kept<K> keep(Keeper<K> keeper, List<DatabaseImage> current) {
        return switch (keeper.keep(current)) {
            case Outcome.Done<Kept<K>>(Kept<K> kept) -> kept;
            case Outcome.Refused<Kept<K>>(Problem problem) -> throw new ProblemException(problem);
        };
    }

    private interface Innermost {
        /** @return whether to go on */
        boolean run(List<DatabaseImage> current, boolean anyWanted) throws IOException;
    }

    /**
     * Goes from the first database to the last one, each step inside the lock of the one before, and replaces them on the
     * way back: the first one, which everything else belongs to, as the last.
     */
    private final class Locking {
        private final Steps steps;
        private final ProgressMonitor work;
        private final Innermost innermost;

        Locking(Steps steps, ProgressMonitor work, Innermost innermost) {
            this.steps = steps;
            this.work = work;
            this.innermost = innermost;
        }

        /** @return whether to go on */
        boolean from(int index, List<DatabaseImage> current, boolean anyWanted) throws IOException, SQLException {
            if (index == targets.size()) {
                return innermost.run(current, anyWanted);
            }
            // A test can tell the databases of a group apart.
            FailPoints points = index == 0 ? failPoints : step -> failPoints.reached(step + "." + index);
            Path name = targets.get(index).name();
            switch (targets.get(index)) {
                case MissingTarget missing -> {
                    if (!from(index + 1, current, true)) {
                        return false;
                    }
                    steps.starting(name, Optional.empty());
                    missing.write(inode -> steps.making(name, inode), new UncancellableMonitor(work), points);
                    steps.compared(name);
                    steps.replaced();
                    return true;
                }
                case ExistingTarget existing -> {
                    var one = new One(index, existing, current, anyWanted);
                    existing.replace(one, deadline, work, points);
                    if (one.replaced) {
                        steps.replaced();
                    }
                    return one.goesOn;
                }
            }
        }

        /** One database that is there, and what is done inside its lock. */
        private final class One implements InPlaceRestore.Course {
            private final int index;
            private final ExistingTarget target;
            private final List<DatabaseImage> before;
            private final boolean anyWanted;
            private boolean goesOn;
            private boolean replaced;

            One(int index, ExistingTarget target, List<DatabaseImage> before, boolean anyWanted) {
                this.index = index;
                this.target = target;
                this.before = before;
                this.anyWanted = anyWanted;
            }

            @Override
            public boolean keep(Image image) throws IOException, SQLException {
                boolean wanted = steps.isWanted(target.name(), image, target.image());
                goesOn = from(
                        index + 1,
                        Stream.concat(before.stream(), Stream.of(new DatabaseImage(target.name(), image)))
                                .toList(),
                        anyWanted || wanted);
                replaced = goesOn && wanted;
                if (replaced) {
                    steps.starting(target.name(), Optional.of(image));
                }
                return replaced;
            }

            @Override
            public void compared() {
                steps.compared(target.name());
            }
        }
    }

    /** The databases of which it is not certain that they hold what they held before. */
    List<Path> uncertain() {
        return targets.stream()
                .filter(it -> it instanceof ExistingTarget existing && existing.mayBeChanged())
                .map(RestoreTarget::name)
                .toList();
    }

    private void requireSpace() throws IOException {
        Map<FileStore, Long> needed = new HashMap<>();
        for (RestoreTarget target : targets) {
            long sum = needed.merge(Files.getFileStore(target.directory()), target.spaceNeeded(), Long::sum);
            FullDisk.require(target.directory(), sum);
        }
    }

    /** The targets of which a file was there when they were prepared. */
    Set<Path> existing() {
        return targets.stream()
                .filter(ExistingTarget.class::isInstance)
                .map(RestoreTarget::name)
                .collect(Collectors.toSet());
    }

    /** Goes through the gates of further databases, too. */
    void enter(List<Path> databases) throws IOException {
        for (Path database : databases) {
            if (Files.exists(database)) {
                opened.add(FileGate.enter(database.toRealPath(), deadline, work));
            }
        }
    }

    /** What an undo has to know about one database. */
    interface Undoing {
        /** Whether the old content has to be put back, and is about to be. */
        boolean isWanted(Image current, RestoreImage old) throws IOException;

        /** It holds the old content, which was compared. */
        void compared();
    }

    /** What else there is that no path of these databases may lead to. */
    KnownFiles known() {
        return known;
    }

    /** Undoes a replacement that has succeeded, or may have, where a later one of the same restore has not. */
    void putBack(Path name, Artifact old, Undoing undoing) throws IOException, SQLException {
        Deadline again = deadline.restarted();
        ProgressMonitor unwatched = new UncancellableMonitor(work);
        try (var target = ExistingTarget.prepare(name, again(name), old, scratch, clock, again, unwatched)) {
            target.replace(
                    new InPlaceRestore.Course() {
                        @Override
                        public boolean keep(Image current) throws IOException {
                            return undoing.isWanted(current, target.image());
                        }

                        @Override
                        public void compared() {
                            undoing.compared();
                        }
                    },
                    again,
                    unwatched,
                    step -> failPoints.reached("undo." + step));
        }
    }

    /** In the folder that was replaced in, whatever is in its place now. */
    private LiveFile again(Path name) {
        LiveFile file = LiveFile.existing(name, known);
        return targets.stream()
                .filter(it ->
                        it instanceof ExistingTarget existing && existing.path().equals(file.path()))
                .findFirst()
                .map(_ -> requireNonNull(folders).in(file))
                .orElse(file);
    }

    @Override
    public void close() throws IOException {
        opened.close();
    }
}
