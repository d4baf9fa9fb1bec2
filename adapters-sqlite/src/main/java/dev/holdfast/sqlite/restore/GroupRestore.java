package dev.holdfast.sqlite.restore;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.LiveDatabases.Keeper;
import dev.holdfast.application.restore.LiveDatabases.Settled;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.io.UncancellableMonitor;
import dev.holdfast.sqlite.restore.RestoreEvidence.Presence;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** A restore of several databases and directories, all of it or nothing. Works inside the databases' gates. */
final class GroupRestore {
    private static final System.Logger LOG = System.getLogger(GroupRestore.class.getName());

    private static final ProgressMonitor REMARKS_IN_LOG = new ProgressMonitor() {
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

    private final RestoreTargets targets;
    private final RestoreJournal journal;
    private final FailPoints failPoints;
    private final Consumer<RestoreJournal> unclosed;

    /** @param unclosed is given a journal that is over and could not be closed */
    GroupRestore(
            RestoreTargets targets, RestoreJournal journal, FailPoints failPoints, Consumer<RestoreJournal> unclosed) {
        this.targets = targets;
        this.journal = journal;
        this.failPoints = failPoints;
        this.unclosed = unclosed;
    }

    <K> Optional<K> replace(Keeper<K> keeper, ProgressMonitor work) throws IOException, SQLException {
        AtomicReference<Optional<K>> kept = new AtomicReference<>(Optional.empty());
        Keeper<K> remembering = current -> keeper.keep(current).then(it -> {
            kept.set(Optional.of(it.what()));
            return Outcome.done(it);
        });
        try {
            targets.replace(remembering, new Preparing(work), work);
        } catch (Throwable e) {
            if (!journal.isComplete()) {
                undoAfter(e);
                throw e;
            }
            if (e instanceof Error) {
                throw e;
            }
            LOG.log(Level.WARNING, "The restore is done, but not all that it used could be given back", e);
        }
        close().ifPresent(work::remark);
        return kept.get();
    }

    /** Closes the journal of what is over. What fails is tried again later. */
    private Optional<String> close() {
        try {
            journal.closeOver();
            failPoints.reached("restore.group.cleared");
            return Optional.empty();
        } catch (IOException e) {
            String text = journal.notClosed(e);
            LOG.log(Level.WARNING, text, e);
            unclosed.accept(journal);
            return Optional.of(text);
        }
    }

    /** The mark that says so is tried again when the journal is closed. */
    private void markComplete() {
        try {
            journal.markComplete();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "A restore that is complete could not be marked so yet", e);
        }
    }

    /** First the directories, which can be exchanged back at no risk, then the databases. */
    private final class Preparing implements RestoreTargets.Steps {
        private final ProgressMonitor work;
        private final Map<Path, TreeFingerprint> before = new HashMap<>();

        Preparing(ProgressMonitor work) {
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
        public boolean isWanted(Path target, Image current, RestoreImage fresh) {
            return true;
        }

        @Override
        public void secured(List<DatabaseImage> current, boolean whole) throws IOException {
            new UncancellableMonitor(work).enter(Phase.REPLACING, 0);
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
        public void starting(Path target, Optional<Image> current) throws IOException {
            journal.started(target);
        }

        @Override
        public void making(Path target, long inode) throws IOException {
            journal.making(target, inode);
        }

        @Override
        public void compared(Path target) {
            if (journal.isLast(target)) {
                markComplete();
            }
        }

        @Override
        public void replaced() {
            failPoints.reached("restore.group.replaced");
        }
    }

    private void undoAfter(Throwable failure) {
        if (!journal.isPrepared()) {
            return;
        }
        Optional<IOException> unmarked = Optional.empty();
        try {
            if (journal.isCommitted()) {
                unmarked = markUndoing();
                for (DatabasePart part : journal.databasesToPutBack()) {
                    targets.putBack(part.target(), part.image(), new PuttingBack(part.target()));
                    failPoints.reached("restore.undo.put-back");
                }
            }
            exchangeBack();
        } catch (IOException | SQLException | RuntimeException e) {
            failure.addSuppressed(e);
            unmarked.ifPresent(failure::addSuppressed);
            LOG.log(Level.ERROR, "A restore failed in the middle and could not be undone", failure);
            throw new ProblemException(
                    new Problem.UncertainRestore("The restore failed in the middle and could not be undone yet. "
                            + journal.standing() + " The next backup, restore or start of the server tries again"
                            + " to bring all of it back to what it was before the restore; its journal is "
                            + journal.folder() + "."),
                    failure);
        }
    }

    /** Everything is brought back also if that cannot be recorded. */
    private Optional<IOException> markUndoing() {
        try {
            journal.undo();
            return Optional.empty();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "A restore is being undone, which could not be recorded in its journal", e);
            return Optional.of(e);
        }
    }

    private final class PuttingBack implements RestoreTargets.Undoing {
        private final Path target;

        PuttingBack(Path target) {
            this.target = target;
        }

        @Override
        public boolean isWanted(Image current, RestoreImage old) throws IOException {
            boolean wanted = journal.isToBePutBack(target, current, old);
            if (wanted) {
                journal.keepCommittedSince(target, current).ifPresent(GroupRestore::warnOfKept);
                journal.puttingBack(target, RestoreEvidence.cookie(current));
            } else {
                journal.putBack(target);
            }
            return wanted;
        }

        @Override
        public void compared() {
            markPutBack(target);
        }
    }

    private static void warnOfKept(Path copy) {
        LOG.log(
                Level.WARNING,
                "A restore is being undone. A database that already held the backup does not look as the restore"
                        + " left it: another program may have committed to it since. As it was then, it is kept as "
                        + copy + "; remove the copy if you do not need it");
    }

    /** Without the mark the file itself shows it. */
    private void markPutBack(Path target) {
        try {
            journal.putBack(target);
        } catch (IOException e) {
            LOG.log(Level.WARNING, target + " has its old content back, which could not be recorded", e);
        }
    }

    private void exchangeBack() throws IOException {
        journal.unmakeDatabases(targets.known());
        failPoints.reached("restore.undo.unmade");
        journal.exchangeBack();
        failPoints.reached("restore.undo.exchanged");
        try {
            journal.markUndone();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "A restore that is undone could not be marked so yet", e);
        }
        failPoints.reached("restore.undo.marked");
        close();
    }

    /** What the process that began it was killed in, or could not undo. */
    Settled undo(Keeper<?> keeper) throws IOException, SQLException {
        Optional<?> kept = Optional.empty();
        if (journal.isCommitted()) {
            targets.enter(journal.databasesToUnmake());
            kept = targets.replace(keeper, new UndoingLater(), REMARKS_IN_LOG);
        }
        exchangeBack();
        LOG.log(Level.WARNING, cutOff() + "undone: everything is as it was before" + safety(kept));
        return Settled.UNDONE;
    }

    private String cutOff() {
        return "The restore that was cut off, " + journal.description() + ", is ";
    }

    private static String safety(Optional<?> kept) {
        return kept.map(it -> "; what was found in the databases is kept in " + it)
                .orElse("");
    }

    private abstract class Later implements RestoreTargets.Steps {
        @Override
        public boolean replacesMore() {
            return false;
        }

        @Override
        public void securing() {}

        @Override
        public void secured(List<DatabaseImage> current, boolean whole) {}

        @Override
        public void replaced() {
            failPoints.reached("restore.later.replaced");
        }
    }

    private final class UndoingLater extends Later {
        @Override
        public boolean isWanted(Path target, Image current, RestoreImage old) throws IOException {
            boolean wanted = journal.isToBePutBack(target, current, old);
            if (!wanted) {
                journal.putBack(target);
            }
            return wanted;
        }

        @Override
        public void starting(Path target, Optional<Image> current) throws IOException {
            journal.puttingBack(target, cookie(current));
        }

        @Override
        public void compared(Path target) {
            markPutBack(target);
        }
    }

    private static OptionalInt cookie(Optional<Image> current) throws IOException {
        return current.isPresent() ? RestoreEvidence.cookie(current.get()) : OptionalInt.empty();
    }

    /** Where the last database lacks the new content. */
    Settled complete(Keeper<?> keeper) throws IOException, SQLException {
        Optional<?> kept = targets.replace(keeper, new CompletingLater(), REMARKS_IN_LOG);
        close();
        LOG.log(Level.WARNING, cutOff() + "completed: everything is as in the backup" + safety(kept));
        return Settled.COMPLETED;
    }

    private final class CompletingLater extends Later {
        @Override
        public boolean isWanted(Path target, Image current, RestoreImage fresh) {
            return true;
        }

        @Override
        public void starting(Path target, Optional<Image> current) throws IOException {
            journal.startingAgain(target, cookie(current));
            journal.started(target);
        }

        @Override
        public void making(Path target, long inode) throws IOException {
            journal.making(target, inode);
        }

        @Override
        public void compared(Path target) {
            if (journal.isLast(target)) {
                markComplete();
            }
        }
    }

    /** The last database, alone: whether it holds the new content. */
    Presence presenceOfLast() throws IOException, SQLException {
        AtomicReference<Presence> found = new AtomicReference<>(Presence.NOT_IN);
        targets.replace(
                _ -> {
                    throw new IllegalStateException("nothing is replaced, so there is nothing to keep");
                },
                new Later() {
                    @Override
                    public boolean isWanted(Path target, Image current, RestoreImage fresh) throws IOException {
                        found.set(journal.presenceOfLast(current, fresh));
                        return false;
                    }

                    @Override
                    public void starting(Path target, Optional<Image> current) {}

                    @Override
                    public void compared(Path target) {}
                },
                REMARKS_IN_LOG);
        return found.get();
    }

    /** Everything was replaced before the process was killed. */
    Settled alreadyComplete() {
        markComplete();
        close();
        LOG.log(
                Level.WARNING,
                cutOff() + "complete: the databases hold the backup, and what programs have written to them since");
        return Settled.COMPLETED;
    }
}
