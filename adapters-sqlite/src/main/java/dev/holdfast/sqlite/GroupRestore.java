package dev.holdfast.sqlite;

import dev.holdfast.application.archive.Unpacking.DatabasePart;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.restore.LiveDatabases.Keeper;
import dev.holdfast.application.restore.LiveDatabases.Settled;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A restore of several databases and directories, all of it or nothing. Works inside the databases' gates. */
final class GroupRestore {
    private static final System.Logger LOG = System.getLogger(GroupRestore.class.getName());

    private static final Work REMARKS_IN_LOG = new Work() {
        @Override
        public void enter(Phase phase, long totalBytes) {}

        @Override
        public void advance(long bytes) {}

        @Override
        public void checkCancelled() {}

        @Override
        public void remark(String text) {
            LOG.log(Level.WARNING, text);
        }
    };

    private final Targets targets;
    private final RestoreJournal journal;
    private final FailPoints failPoints;

    GroupRestore(Targets targets, RestoreJournal journal, FailPoints failPoints) {
        this.targets = targets;
        this.journal = journal;
        this.failPoints = failPoints;
    }

    <K> Optional<K> replace(Keeper<K> keeper, Work work) throws IOException, SQLException {
        Optional<K> kept;
        try {
            kept = targets.replace(keeper, new Preparing(work), work);
        } catch (Throwable e) {
            undoAfter(e);
            throw e;
        }
        clearUp();
        return kept;
    }

    /** First the directories, which can be exchanged back at no risk, then the databases. */
    private final class Preparing implements Targets.Steps {
        private final Work work;
        private final Map<Path, Census> before = new HashMap<>();

        Preparing(Work work) {
            this.work = work;
        }

        @Override
        public boolean replacesMore() {
            return journal.directories().stream().anyMatch(DirectorySwap::existed);
        }

        @Override
        public void securing() throws IOException {
            for (DirectorySwap swap : journal.directories()) {
                swap.old().ifPresent(it -> before.put(swap.target(), it));
            }
        }

        @Override
        public void secured(List<DatabaseImage> current, boolean whole) throws IOException {
            new Uncancelled(work).enter(Phase.REPLACING, 0);
            journal.carryOverUnrecorded(work);
            journal.keepOld(current);
            failPoints.reached("restore.group.kept");
            journal.prepare(whole ? before : Map.of());
            failPoints.reached("restore.group.prepared");
            for (DirectorySwap swap : journal.directories()) {
                swap.in();
                failPoints.reached("restore.group.swapped");
            }
            journal.commit();
            failPoints.reached("restore.group.committed");
        }

        @Override
        public void starting(Path target) throws IOException {
            journal.started(target);
        }

        @Override
        public void untouched(Path target) throws IOException {
            journal.untouched(target);
        }

        @Override
        public void replaced() {
            failPoints.reached("restore.group.replaced");
        }
    }

    /** The restore is done: what fails now is left for the next start. */
    private void clearUp() {
        try {
            journal.complete();
            failPoints.reached("restore.group.cleared");
        } catch (IOException e) {
            LOG.log(Level.WARNING, "The restore is done, but not all that it used could be removed", e);
        }
    }

    private void undoAfter(Throwable failure) {
        if (!journal.isPrepared()) {
            return;
        }
        try {
            if (journal.isCommitted()) {
                journal.undo();
            }
            for (DatabasePart part : journal.databasesToPutBack()) {
                targets.putBack(part.target(), part.image());
            }
            exchangeBack();
        } catch (IOException | SQLException | RuntimeException e) {
            failure.addSuppressed(e);
            LOG.log(Level.ERROR, "A restore failed in the middle and could not be undone", failure);
            throw new ProblemException(
                    new Problem.Internal(new IOException(
                            "a restore failed in the middle and could not be undone; the next backup, restore or start"
                                    + " of the server tries that again",
                            failure)),
                    failure);
        }
    }

    private void exchangeBack() throws IOException {
        journal.unmakeDatabases();
        for (DirectorySwap swap : journal.directories().reversed()) {
            swap.out();
        }
        journal.end();
    }

    /** What the process that began it was killed in, or could not undo. */
    Settled complete(Keeper<?> keeper) throws IOException, SQLException {
        String what = "The restore that was cut off, " + journal.description() + ", is ";
        if (!journal.isCommitted()) {
            exchangeBack();
            LOG.log(Level.WARNING, what + "undone: everything is as it was before");
            return Settled.UNDONE;
        }
        Optional<?> kept = targets.replace(keeper, REMARKS_IN_LOG);
        String safety = kept.map(it -> "; what was found in the databases is kept in " + it)
                .orElse("");
        if (journal.isUndoing()) {
            exchangeBack();
            LOG.log(Level.WARNING, what + "undone: everything is as it was before" + safety);
            return Settled.UNDONE;
        }
        journal.complete();
        LOG.log(Level.WARNING, what + "completed: everything is as in the backup" + safety);
        return Settled.COMPLETED;
    }
}
