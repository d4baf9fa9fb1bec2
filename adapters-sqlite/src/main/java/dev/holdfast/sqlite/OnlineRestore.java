package dev.holdfast.sqlite;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.Replacement.Keeping;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

    @Override
    public <K> Outcome<Optional<K>> replace(Path target, Artifact image, Keeper<K> keeper, Work work) {
        Deadline deadline = Deadline.in(settings.busyTimeout());
        try {
            if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                return Outcome.done(Optional.of(replaceExisting(target, image, keeper, deadline, work)));
            }
            writeNew(target, image, deadline, work);
            return Outcome.done(Optional.empty());
        } catch (CancelledException e) {
            throw e;
        } catch (ProblemException e) {
            return Outcome.refused(e.problem());
        } catch (SQLException e) {
            return Outcome.refused(Faults.of(target, deadline, e).problem());
        } catch (IOException | RuntimeException e) {
            return Outcome.refused(new Problem.Internal(e));
        }
    }

    private void writeNew(Path target, Artifact image, Deadline deadline, Work work) throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        if (directory == null) {
            throw new ProblemException(new Problem.NotADatabase(target + " is not a file's name."));
        }
        Files.createDirectories(directory);
        LiveFile file = new LiveFile(directory.toRealPath().resolve(target.getFileName()));
        try (FileGate _ = FileGate.enter(file.path(), deadline, work)) {
            new NewTarget(file, clock, failPoints).write(image, work);
        }
    }

    private <K> K replaceExisting(Path target, Artifact artifact, Keeper<K> keeper, Deadline deadline, Work work)
            throws IOException, SQLException {
        LiveFile file = LiveFile.existing(target);
        work.enter(Phase.LOCKING_SOURCE, 0);
        try (FileGate _ = FileGate.enter(file.path(), deadline, work);
                Scratch.Folder folder = scratch.folder()) {
            refuseForeign(file);
            recover(file, deadline);
            FileHead head = head(file);
            boolean logged = file.isLogged(head);
            scratch.require(artifact.size());
            RestoreImage image = RestoreImage.of(artifact, head, logged, folder.database(), work);
            requireSpace(file, image, logged);
            work.checkCancelled();
            List<K> kept = new ArrayList<>();
            Keeping keeping = current -> {
                kept.add(keep(keeper, current));
                // What was kept may lie on the same disk.
                requireSpace(file, image, logged);
                work.checkCancelled();
            };
            Replacement replacement = new Replacement(file, image, keeping, deadline, work, failPoints);
            if (logged) {
                replacement.throughLog(scratch);
            } else {
                replacement.underExclusiveLock();
            }
            return kept.getFirst();
        }
    }

    private static <K> K keep(Keeper<K> keeper, Image current) {
        return switch (keeper.keep(current)) {
            case Outcome.Done<K>(K kept) -> kept;
            case Outcome.Refused<K>(Problem problem) -> throw new ProblemException(problem);
        };
    }

    private static void refuseForeign(LiveFile file) throws IOException {
        if (head(file) instanceof FileHead.Foreign(String why)) {
            throw new ProblemException(new Problem.NotADatabase(
                    file.path() + " is not a SQLite database: " + why + ". Move it away and restore again."));
        }
    }

    /** Inside the gate and without a SQLite connection, so that closing drops no lock of this process (rule 3). */
    private static FileHead head(LiveFile file) throws IOException {
        try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
            return FileHead.of(channel);
        } catch (IOException e) {
            throw LiveFile.unreadable(file.path(), e);
        }
    }

    /** Has SQLite do what it does at every first access: roll back a journal, recover a log. */
    private static void recover(LiveFile file, Deadline deadline) throws SQLException {
        try (Connection connection = Connections.open(file.path(), "mode=rw", deadline.millisLeft())) {
            Connections.ask(connection, "PRAGMA schema_version");
        } catch (SQLException e) {
            // A damaged database is what a restore is for.
            if (Faults.code(e) != 11) {
                throw e;
            }
        }
    }

    /** Room for the old pages in the journal, or the new ones in the log, and for growth. */
    private static void requireSpace(LiveFile file, RestoreImage image, boolean logged) throws IOException {
        long old = Files.size(file.path());
        long growth = Math.max(0, image.size() - old);
        long beside = logged ? image.size() + (long) image.pages() * LogScan.FRAME_HEADER : old;
        Scratch.require(file.directory(), growth + beside);
    }

    @Override
    public void settle(Path target) {
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
                if (head(file) instanceof FileHead.Sqlite) {
                    recover(file, deadline);
                }
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
