package dev.holdfast.sqlite.restore;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.location.KnownLocation;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.sqlite.file.UnsharedLocks;
import dev.holdfast.sqlite.io.Deadline;
import dev.holdfast.sqlite.lock.FileGate;
import dev.holdfast.tree.PathHandle;
import dev.holdfast.tree.RealPath;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Restores through SQLite into the file itself, so that whoever has it open sees the change as any other's commit. */
public final class OnlineRestore implements LiveDatabases {
    private static final System.Logger LOG = System.getLogger(OnlineRestore.class.getName());

    private final SqliteSettings settings;
    private final Scratch scratch;
    private final InstantSource clock;
    private final FailPoints failPoints;

    /** Those that were over when the server started; each is reported once. */
    private final List<RestoreJournal> endedBefore;

    /** Files that restores have set aside; each is reported once. */
    private final Set<Path> reported = ConcurrentHashMap.newKeySet();

    /** Those that are over and could not be closed, by their folders. */
    private final Map<Path, RestoreJournal> unclosed = new ConcurrentHashMap<>();

    /** @param endedBefore journals of restores that were over when this process started */
    public OnlineRestore(
            SqliteSettings settings,
            Scratch scratch,
            InstantSource clock,
            FailPoints failPoints,
            List<RestoreJournal> endedBefore) {
        this.settings = settings;
        this.scratch = scratch;
        this.clock = clock;
        this.failPoints = failPoints;
        this.endedBefore = new CopyOnWriteArrayList<>(endedBefore);
    }

    /** One file alone changes in one transaction; only what has several parts needs a journal. */
    @Override
    public <K> Outcome<Optional<K>> replace(Source source, NewContent content, Keeper<K> keeper, ProgressMonitor work) {
        Deadline deadline = Deadline.in(settings.busyTimeout());
        List<DatabasePart> databases = content.databases();
        try {
            if (isUnfinished(source)) {
                throw new ProblemException(new Problem.SourceBusy("An earlier restore of " + source.main()
                        + " is half done and has to be completed first; the log says why it could not be."));
            }
            requireClosed(source);
            requireSafe(databases);
            boolean alone = databases.size() == 1 && content.directories().isEmpty();
            try (RestoreTargets targets =
                    RestoreTargets.of(databases, scratch, settings.known(), clock, failPoints, deadline, work)) {
                if (alone) {
                    return Outcome.done(replaceAlone(targets, keeper, work));
                }
                try (RestoreJournal journal =
                        RestoreJournal.begin(settings.restores(), content, targets.existing(), work.operation())) {
                    return Outcome.done(
                            new GroupRestore(targets, journal, failPoints, this::remember).replace(keeper, work));
                }
            }
        } catch (CancelledException e) {
            throw e;
        } catch (ProblemException e) {
            return Outcome.refused(e.problem());
        } catch (SQLException e) {
            return Outcome.refused(SqliteErrors.ofRestoring(databases.getFirst().target(), deadline, e)
                    .problem());
        } catch (IOException | RuntimeException e) {
            return Outcome.refused(SqliteErrors.ofRestoring(
                    databases.stream().map(DatabasePart::target).toList(), e));
        }
    }

    /** It has no journal: what is known when the replacement ends is all that will be known. */
    private static <K> Optional<K> replaceAlone(RestoreTargets targets, Keeper<K> keeper, ProgressMonitor work)
            throws IOException, SQLException {
        try {
            return targets.replace(keeper, work);
        } catch (IOException | SQLException | RuntimeException e) {
            List<Path> uncertain = targets.uncertain();
            if (uncertain.isEmpty()) {
                throw e;
            }
            LOG.log(Level.ERROR, "A restore of " + uncertain.getFirst() + " failed, and its outcome is not known", e);
            throw new ProblemException(
                    new Problem.UncertainRestore("The restore failed after it had begun to write. "
                            + uncertain.getFirst() + " holds the backup or what it held before the restore, or what"
                            + " another program has made of one of them since; never a part of each."
                            + " Look at its content, and restore again if it is not the wanted one."),
                    e);
        }
    }

    /** Until its journal is closed, a later start could take what a second restore puts in for a part of the first. */
    private void requireClosed(Source source) {
        for (RestoreJournal journal : closeOver(source)) {
            if (!journal.isOverDurably()) {
                throw new ProblemException(new Problem.StoreUnavailable("The journal of an earlier restore, "
                        + journal.description()
                        + ", cannot be closed, so another restore could be taken for a part of it. The files are not"
                        + " affected. Look whether the disk of the server's data directory can be written; the log"
                        + " says what failed. Then restore again."));
            }
        }
    }

    private void remember(RestoreJournal journal) {
        unclosed.put(journal.folder(), journal);
    }

    /** @return those that cannot be closed now either */
    private List<RestoreJournal> closeOver(Source source) {
        List<RestoreJournal> left = new ArrayList<>();
        for (RestoreJournal journal : over()) {
            if (journal.touches(source)) {
                try {
                    journal.closeOver();
                    unclosed.remove(journal.folder());
                } catch (IOException e) {
                    LOG.log(Level.WARNING, journal.notClosed(e), e);
                    left.add(journal);
                }
            }
        }
        return left;
    }

    private List<RestoreJournal> over() {
        try {
            List<RestoreJournal> over = new ArrayList<>(unclosed.values());
            RestoreJournal.over(settings.restores()).stream()
                    .filter(it -> !unclosed.containsKey(it.folder()))
                    .forEach(over::add);
            return over;
        } catch (IOException e) {
            throw new ProblemException(new Problem.Internal(e), e);
        }
    }

    @Override
    public boolean isUnfinished(Source source) {
        return journals().anyMatch(it -> it.touches(source));
    }

    @Override
    public Optional<String> findUnfinished(Source source) {
        return journals()
                .filter(it -> it.touches(source))
                .map(it -> "a restore was cut off and could not be completed yet. " + it.standing())
                .findFirst();
    }

    @Override
    public void closeEnded(Source source) {
        closeOver(source);
    }

    @Override
    public boolean hasLeftovers(Source source) {
        try {
            for (Path directory : source.directories()) {
                if (DirectorySwap.hasUnfinished(directory)) {
                    return true;
                }
            }
            for (Path database : source.databaseFiles()) {
                if (Files.exists(NewFileRestore.unfinished(database), LinkOption.NOFOLLOW_LINKS)
                        || !FullDisk.leftProbes(database.resolveSibling("")).isEmpty()) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false; // what cannot be looked at cannot be removed either
        }
    }

    @Override
    public List<String> unfinishedBeside(Collection<Source> known) {
        return journals()
                .filter(it -> known.stream().noneMatch(it::touches))
                .map(RestoreJournal::description)
                .toList();
    }

    private Stream<RestoreJournal> journals() {
        try {
            return RestoreJournal.unfinished(settings.restores()).stream()
                    .filter(it -> !unclosed.containsKey(it.folder()));
        } catch (IOException e) {
            throw SqliteErrors.ofScratch(settings.restores(), e);
        }
    }

    @Override
    public <K> List<Settlement> settle(Source source, LeftoverKeeper<K> keeper) {
        requireAccepted(source);
        Set<Path> made = source.databaseFiles().stream()
                .filter(OnlineRestore::hasTwoNames)
                .collect(Collectors.toSet());
        source.databaseFiles().forEach(this::settle);
        List<Settlement> settled = new ArrayList<>();
        try {
            for (RestoreJournal journal :
                    endedBefore.stream().filter(it -> it.touches(source)).toList()) {
                endedBefore.remove(journal);
                settled.add(new Settlement(journal.settled(), journal.operation()));
            }
            for (RestoreJournal journal :
                    journals().filter(it -> it.touches(source)).toList()) {
                try (journal) {
                    journal.nameAs(source);
                    settled.add(new Settlement(end(journal, made, keeper), journal.operation()));
                }
            }
            closeOver(source);
            for (Path directory : source.directories()) {
                removeUnfinished(directory);
            }
            return settled;
        } catch (SQLException e) {
            throw SqliteErrors.ofRestoring(source.main(), Deadline.in(settings.busyTimeout()), e);
        } catch (IOException e) {
            throw new ProblemException(SqliteErrors.ofRestoring(source.databaseFiles(), e), e);
        }
    }

    /** What is settled is changed by its path. */
    private void requireAccepted(Source source) {
        try {
            for (Path file : source.databaseFiles()) {
                settings.known().requireAccepted(file, RealPath.of(file));
            }
        } catch (IOException e) {
            throw new ProblemException(SqliteErrors.ofRestoring(source.databaseFiles(), e), e);
        }
    }

    /** Whether it is the file that a restore into a missing one has made: its temporary name is removed last. */
    private static boolean hasTwoNames(Path target) {
        try {
            return Files.isSameFile(target, NewFileRestore.unfinished(target.toRealPath()));
        } catch (IOException e) {
            return false; // one of them is not there
        }
    }

    /** @param made the databases that a restore is known to have made */
    private <K> Settled end(RestoreJournal journal, Set<Path> made, LeftoverKeeper<K> keeper)
            throws IOException, SQLException {
        requireThere(journal);
        if (!journal.isCommitted() || journal.isUndoing()) {
            try (RestoreTargets targets = targets(journal.isCommitted() ? journal.databasesToPutBack() : List.of())) {
                return new GroupRestore(targets, journal, failPoints, this::remember).undo(knowing(journal, keeper));
            }
        }
        if (journal.isLastStarted() && isLastIn(journal, made)) {
            try (RestoreTargets none = targets(List.of())) {
                return new GroupRestore(none, journal, failPoints, this::remember).alreadyComplete();
            }
        }
        try (RestoreTargets targets = targets(journal.databasesToComplete())) {
            return new GroupRestore(targets, journal, failPoints, this::remember).complete(knowing(journal, keeper));
        }
    }

    /** The marks are read now: what is kept is what is there before anything is replaced. */
    private static <K> Keeper<K> knowing(RestoreJournal journal, LeftoverKeeper<K> keeper) {
        Optional<String> inconsistency = journal.inconsistency();
        return current -> keeper.keep(current, inconsistency);
    }

    private boolean isLastIn(RestoreJournal journal, Set<Path> made) throws IOException, SQLException {
        DatabasePart last = journal.last();
        if (!RestoreTargets.isThere(last.target()) || made.contains(last.target())) {
            return made.contains(last.target());
        }
        try (RestoreTargets targets = targets(List.of(last))) {
            return switch (new GroupRestore(targets, journal, failPoints, this::remember).presenceOfLast()) {
                case IN -> true;
                case NOT_IN -> false;
                case UNCERTAIN ->
                    throw new ProblemException(new Problem.SourceNotAccessible("A restore was interrupted while it"
                            + " replaced " + last.target() + ", the last of its databases. Programs have changed so"
                            + " much of the file since that nothing shows whether they changed the backup or what was"
                            + " there before. All other parts hold the backup. Look at its content. If it is the"
                            + " backup's, remove the restore's journal, " + journal.folder() + ", and everything"
                            + " stays as it is. If it is not, do the same and restore the backup again."));
            };
        }
    }

    /** Also for what is completed or undone later: a mount may have changed since. */
    private void requireSafe(List<DatabasePart> parts) throws IOException {
        List<Path> files = parts.stream().map(DatabasePart::target).toList();
        settings.known().requireApart(files);
        Optional<UnsharedLocks> unshared = settings.known().findUnshared(files);
        if (unshared.isPresent()) {
            throw new ProblemException(unshared.get().forRestore());
        }
    }

    private RestoreTargets targets(List<DatabasePart> parts) throws IOException, SQLException {
        requireSafe(parts);
        return RestoreTargets.of(
                parts,
                scratch,
                settings.known(),
                clock,
                failPoints,
                Deadline.in(settings.busyTimeout()),
                ProgressMonitor.UNWATCHED);
    }

    private static void requireThere(RestoreJournal journal) throws IOException {
        List<Path> missing = journal.missing();
        if (!missing.isEmpty()) {
            throw new ProblemException(new Problem.SourceNotAccessible("A restore was interrupted and cannot be "
                    + (journal.isCommitted() && !journal.isUndoing() ? "completed" : "undone") + ", because "
                    + missing.getFirst() + " is missing. " + journal.standing()
                    + " If a file system is not mounted, mount it: the next backup, restore or start goes on."
                    + " If the file is gone for good, remove the restore's journal, " + journal.folder()
                    + "; then everything stays as it is, and you can restore a backup."));
        }
    }

    private static void warnOfSetAside(Path file) {
        LOG.log(
                Level.WARNING,
                file + " was set aside by a restore. It may hold committed data of the database that was there before."
                        + " Remove it if you do not need it");
    }

    /** Where a link leads that came later, another database may be restored right now. */
    private void removeUnfinished(Path directory) throws IOException {
        Path real = RealPath.of(directory);
        Optional<KnownLocation> known = settings.known().accepted().find(directory);
        if (known.isEmpty() || known.get().resolved().equals(real)) {
            DirectorySwap.removeUnfinished(real);
        }
    }

    private static void removeUnfinished(LiveFile file) throws IOException {
        try (PathHandle folder = file.holdFolder()) {
            // First: until then a new target may have two names.
            Files.deleteIfExists(folder.child(
                    NewFileRestore.unfinished(file.path()).getFileName().toString()));
            for (Path probe : FullDisk.leftProbes(folder.path())) {
                Files.deleteIfExists(probe);
            }
        }
    }

    private void settle(Path target) {
        Deadline deadline = Deadline.in(settings.busyTimeout());
        try {
            Path directory = target.toAbsolutePath().getParent();
            if (directory == null || !Files.isDirectory(directory)) {
                return;
            }
            LiveFile named = new LiveFile(directory.toRealPath().resolve(target.getFileName()));
            settings.known().requireAccepted(target, named.path());
            removeUnfinished(named);
            SetAside.of(named).stream().filter(reported::add).forEach(OnlineRestore::warnOfSetAside);
            // A journal may belong to a transaction of a program whose locks are not seen here.
            if (!Files.isRegularFile(target)
                    || settings.known().findUnshared(List.of(target)).isPresent()) {
                return;
            }
            LiveFile file = LiveFile.existing(target, settings.known());
            try (FileGate _ = FileGate.enter(file.path(), deadline, ProgressMonitor.UNWATCHED)) {
                ExistingTarget.recoverIfKnown(file, deadline);
            }
        } catch (SQLException e) {
            if (!SqliteErrors.isBusy(e)) {
                throw SqliteErrors.of(target, deadline, e);
            }
        } catch (ProblemException e) {
            // What a restore would refuse, none can have left in the middle.
            if (e.problem() instanceof Problem.Internal) {
                throw e;
            }
        } catch (IOException e) {
            throw new ProblemException(new Problem.Internal(e), e);
        }
    }
}
