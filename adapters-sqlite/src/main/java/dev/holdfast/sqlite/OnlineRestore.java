package dev.holdfast.sqlite;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.Unpacking.DatabasePart;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Restores through SQLite into the file itself, so that whoever has it open sees the change as any other's commit. */
final class OnlineRestore implements LiveDatabases {
    private final SqliteSettings settings;
    private final Scratch scratch;
    private final InstantSource clock;
    private final FailPoints failPoints;

    OnlineRestore(SqliteSettings settings, Scratch scratch, InstantSource clock, FailPoints failPoints) {
        this.settings = settings;
        this.scratch = scratch;
        this.clock = clock;
        this.failPoints = failPoints;
    }

    /** One file alone changes in one transaction; only what has several parts needs a journal. */
    @Override
    public <K> Outcome<Optional<K>> replace(Source source, NewContent content, Keeper<K> keeper, Work work) {
        Deadline deadline = Deadline.in(settings.busyTimeout());
        List<DatabasePart> databases = content.databases();
        try {
            if (isUnfinished(source)) {
                throw new ProblemException(new Problem.SourceBusy("An earlier restore of " + source.main()
                        + " is half done and has to be completed first; the log says why it could not be."));
            }
            boolean alone = databases.size() == 1 && content.directories().isEmpty();
            try (Targets targets = Targets.of(databases, scratch, clock, failPoints, deadline, work)) {
                if (alone) {
                    return Outcome.done(targets.replace(keeper, work));
                }
                try (RestoreJournal journal = RestoreJournal.begin(settings.restores(), content, work.operation())) {
                    return Outcome.done(new GroupRestore(targets, journal, failPoints).replace(keeper, work));
                }
            }
        } catch (CancelledException e) {
            throw e;
        } catch (ProblemException e) {
            return Outcome.refused(e.problem());
        } catch (SQLException e) {
            return Outcome.refused(Faults.ofRestoring(databases.getFirst().target(), deadline, e)
                    .problem());
        } catch (IOException | RuntimeException e) {
            return Outcome.refused(Faults.ofRestoring(
                    databases.stream().map(DatabasePart::target).toList(), e));
        }
    }

    @Override
    public boolean isUnfinished(Source source) {
        return journals().anyMatch(it -> it.touches(source));
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
            return RestoreJournal.unfinished(settings.restores()).stream();
        } catch (IOException e) {
            throw Faults.ofScratch(settings.restores(), e);
        }
    }

    @Override
    public <K> List<Settlement> settle(Source source, Keeper<K> keeper) {
        source.databaseFiles().forEach(this::settle);
        List<Settlement> settled = new ArrayList<>();
        try {
            for (RestoreJournal journal :
                    journals().filter(it -> it.touches(source)).toList()) {
                try (journal) {
                    journal.nameAs(source);
                    settled.add(new Settlement(complete(journal, keeper), journal.operation()));
                }
            }
            for (Path directory : source.directories()) {
                DirectorySwap.removeUnfinished(directory);
            }
            return settled;
        } catch (SQLException e) {
            throw Faults.ofRestoring(source.main(), Deadline.in(settings.busyTimeout()), e);
        } catch (IOException e) {
            throw new ProblemException(Faults.ofRestoring(source.databaseFiles(), e), e);
        }
    }

    private Settled complete(RestoreJournal journal, Keeper<?> keeper) throws IOException, SQLException {
        List<Path> missing = journal.missing();
        if (!missing.isEmpty()) {
            throw new ProblemException(new Problem.SourceBusy("A restore was cut off in the middle and cannot be"
                    + " completed, because " + missing.getFirst() + " is not there any more. Is a file system not"
                    + " mounted? If it is gone for good, remove the restore's journal, " + journal.description()
                    + "."));
        }
        Deadline deadline = Deadline.in(settings.busyTimeout());
        try (Targets targets =
                Targets.of(journal.databasesLeft(), scratch, clock, failPoints, deadline, Work.UNWATCHED)) {
            return new GroupRestore(targets, journal, failPoints).complete(keeper);
        }
    }

    private void settle(Path target) {
        Deadline deadline = Deadline.in(settings.busyTimeout());
        try {
            Path directory = target.toAbsolutePath().getParent();
            if (directory == null || !Files.isDirectory(directory)) {
                return;
            }
            // First: until then a new target may have two names.
            Files.deleteIfExists(NewTarget.unfinished(directory.toRealPath().resolve(target.getFileName())));
            if (!Files.isRegularFile(target)) {
                return;
            }
            LiveFile file = LiveFile.existing(target);
            try (FileGate _ = FileGate.enter(file.path(), deadline, Work.UNWATCHED)) {
                ExistingTarget.recoverIfKnown(file, deadline);
            }
        } catch (SQLException e) {
            if (!Faults.isBusy(e)) {
                throw Faults.of(target, deadline, e);
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
