package dev.holdfast.sqlite.snapshot;

import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots;
import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.HeldFolders;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.sqlite.file.UnlockedWriters;
import dev.holdfast.sqlite.file.UnsharedLocks;
import dev.holdfast.sqlite.io.Deadline;
import dev.holdfast.sqlite.io.ResourceStack;
import dev.holdfast.sqlite.lock.DeadlineBusyHandler;
import dev.holdfast.sqlite.lock.FileGate;
import dev.holdfast.sqlite.snapshot.UnsharedFile.Evidence;
import dev.holdfast.sqlite.wal.WalIndexHeader.Committed;
import dev.holdfast.tree.FileOwners;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Snapshots that are the source's own bytes, read under a lock. */
public final class LockedSnapshots implements Snapshots {
    /** A program that writes without pause leaves some microseconds between two transactions: they are to be met. */
    private static final int ATTEMPTS_AT_ONCE = 256;

    private final SqliteSettings settings;
    private final Scratch scratch;

    public LockedSnapshots(SqliteSettings settings, Scratch scratch) {
        this.settings = settings;
        this.scratch = scratch;
    }

    @Override
    public Duration busyTimeout() {
        return settings.busyTimeout();
    }

    @Override
    public Taken take(Source source, ProgressMonitor work) {
        Deadline deadline = Deadline.in(settings.busyTimeout());
        work.enter(Phase.LOCKING_SOURCE, 0);
        ResourceStack opened = new ResourceStack();
        try {
            List<LiveFile> files = source.databaseFiles().stream()
                    .map(it -> LiveFile.existing(it, settings.known()))
                    .toList();
            FileGate gate =
                    opened.add(FileGate.enter(files.stream().map(LiveFile::path).toList(), deadline, work));
            settings.known().requireApart(source.databaseFiles());
            Optional<UnsharedLocks> unshared = settings.known().findUnshared(source.databaseFiles());
            return new Taken.Pinned(new Held(pin(files, unshared, gate, deadline, work), gate, unshared));
        } catch (ProblemException e) {
            opened.closeAfter(e);
            return new Taken.Refused(e.problem());
        } catch (CancelledException e) {
            opened.closeAfter(e);
            throw e;
        } catch (Throwable e) {
            opened.closeAfter(e);
            return new Taken.Refused(SqliteErrors.ofReading(source.databaseFiles(), e));
        }
    }

    @Override
    public Optional<FileOwnership> ownership(Path file) {
        return FileOwners.of(file);
    }

    /** @param folders open as long as the files are held */
    private record Pins(List<LockedImage> files, HeldFolders folders) {}

    private Pins pin(
            List<LiveFile> files,
            Optional<UnsharedLocks> unshared,
            FileGate gate,
            Deadline deadline,
            ProgressMonitor work)
            throws IOException, SQLException {
        ImageOpener pinning = new ImageOpener(
                scratch,
                gate,
                deadline,
                work,
                files.size() == 1 ? settings.longestLog() : Long.MAX_VALUE,
                unshared.isEmpty());
        while (true) {
            work.checkCancelled();
            ResourceStack opened = new ResourceStack();
            Problem obstacle = SqliteErrors.busy(files.getFirst().path(), deadline);
            boolean exchanged = false;
            try {
                HeldFolders folders = opened.add(HeldFolders.of(files));
                List<Evidence> before = unshared.isPresent()
                        ? evidence(files.stream().map(folders::in).toList())
                        : List.of();
                List<LockedImage> pins = new ArrayList<>();
                for (LiveFile file : files) {
                    pins.add(opened.add(pinning.pin(folders.in(file))));
                }
                Optional<LiveFile> elsewhere = folders.firstElsewhere(pinning.pinned());
                if (elsewhere.isEmpty() && meet(pins, files, deadline, work) && allReady(pins, work)) {
                    return new Pins(
                            unshared.map(it -> watched(pins, before, it)).orElse(pins), folders);
                }
                exchanged = elsewhere.isPresent();
                obstacle = elsewhere
                        .<Problem>map(UnlockedWriters::changed)
                        .or(() -> changed(pins))
                        .orElse(obstacle);
                opened.closeAfter(new IllegalStateException("escaped"));
            } catch (NoSuchFileException e) {
                opened.closeAfter(e);
                exchanged = true;
                obstacle = SqliteErrors.ofReading(
                        files.stream().map(LiveFile::path).toList(), e);
            } catch (ProblemException e) {
                opened.closeAfter(e);
                if (!(e.problem() instanceof Problem.SourceBusy)) {
                    throw e;
                }
                exchanged = true;
                obstacle = e.problem();
            } catch (Throwable e) {
                opened.closeAfter(e);
                throw e;
            }
            if (deadline.passed()) {
                throw new ProblemException(obstacle);
            }
            if (exchanged) {
                deadline.pause(work);
            }
        }
    }

    /** Nothing of this process has the files open yet, so no lock is lost. */
    private static List<Evidence> evidence(List<LiveFile> files) throws IOException {
        List<Evidence> evidence = new ArrayList<>();
        for (LiveFile file : files) {
            ResourceStack opened = new ResourceStack();
            try {
                evidence.add(Evidence.of(file, opened));
            } catch (IOException e) {
                opened.closeAfter(e);
                throw LiveFile.unreadable(file.path(), e);
            }
            opened.close();
        }
        return evidence;
    }

    private static List<LockedImage> watched(List<LockedImage> pins, List<Evidence> before, UnsharedLocks locks) {
        List<LockedImage> watched = new ArrayList<>();
        for (int i = 0; i < pins.size(); i++) {
            watched.add(new UnsharedFile(pins.get(i), before.get(i), locks));
        }
        return watched;
    }

    private static Optional<Problem> changed(List<LockedImage> pins) {
        return pins.stream()
                .map(LockedImage::confirm)
                .filter(Confirmation.Changed.class::isInstance)
                .map(it -> ((Confirmation.Changed) it).problem())
                .findFirst();
    }

    /**
     * Moves all to one moment.
     *
     * @return false if they have to be pinned again
     */
    private static boolean meet(List<LockedImage> pins, List<LiveFile> files, Deadline deadline, ProgressMonitor work)
            throws IOException {
        List<WalImage> logged = pins.stream()
                .filter(WalImage.class::isInstance)
                .map(WalImage.class::cast)
                .toList();
        if (pins.size() == 1 || logged.isEmpty()) {
            for (LockedImage pin : pins) {
                pin.catchUp();
            }
            return true;
        }
        List<Optional<Committed>> moment = moment(pins, logged, files, deadline, work);
        for (int i = 0; i < moment.size(); i++) {
            logged.get(i).catchUp(moment.get(i));
        }
        return !moment.isEmpty();
    }

    /**
     * How far each log was committed at one moment at which no transaction was visible in a part of the files alone.
     *
     * <p>A transaction over several files of which one has a log becomes visible in one after the other, and its writer
     * keeps the locks of all until the last is done. So what is committed is read, then the locks are looked at, and then
     * it is read again: if it is the same and no two files had a writer, it was whole at the first time.
     *
     * @return empty if a writer of several files may be waiting for one that is held here
     */
    private static List<Optional<Committed>> moment(
            List<LockedImage> pins,
            List<WalImage> logged,
            List<LiveFile> files,
            Deadline deadline,
            ProgressMonitor work)
            throws IOException {
        boolean mayBeInTheWay = logged.size() < pins.size();
        for (int attempt = 1; true; attempt++) {
            List<Optional<Committed>> moment = committed(logged);
            if (!mayBeApart(pins) && moment.equals(committed(logged))) {
                return moment;
            }
            if (attempt % ATTEMPTS_AT_ONCE == 0) {
                work.checkCancelled();
                if (deadline.passed()) {
                    throw new ProblemException(
                            SqliteErrors.busy(files.getFirst().path(), deadline));
                }
                DeadlineBusyHandler.pause();
                if (mayBeInTheWay) {
                    return List.of();
                }
            }
        }
    }

    private static List<Optional<Committed>> committed(List<WalImage> logged) throws IOException {
        List<Optional<Committed>> committed = new ArrayList<>();
        for (WalImage file : logged) {
            committed.add(file.committed());
        }
        return committed;
    }

    private static boolean mayBeApart(List<LockedImage> pins) throws IOException {
        int logged = 0;
        int others = 0;
        if (pins.size() > 1) {
            for (LockedImage pin : pins) {
                if (pin instanceof WalImage && pin.isBeingWritten()) {
                    logged++;
                }
            }
            for (LockedImage pin : pins) {
                if (logged == 1 && !(pin instanceof WalImage) && pin.isBeingWritten()) {
                    others++;
                }
            }
        }
        return logged > 1 || others > 0;
    }

    private static boolean allReady(List<LockedImage> pins, ProgressMonitor work) throws IOException, SQLException {
        for (LockedImage pin : pins) {
            if (!pin.ready(work)) {
                return false;
            }
        }
        return true;
    }

    /** The pins, and the gate behind which they are. */
    private static final class Held implements Snapshot {
        private final Pins pins;
        private final FileGate gate;
        private final Optional<UnsharedLocks> unshared;
        private boolean open = true;

        Held(Pins pins, FileGate gate, Optional<UnsharedLocks> unshared) {
            this.pins = pins;
            this.gate = gate;
            this.unshared = unshared;
        }

        @Override
        public List<Image> images() {
            return List.copyOf(pins.files());
        }

        @Override
        public Optional<String> inconsistency() {
            return unshared.map(UnsharedLocks::finding);
        }

        /** Every pin is closed and then the gate opened, whatever fails on the way. */
        @Override
        public void close() {
            if (!open) {
                return;
            }
            open = false;
            ResourceStack all = new ResourceStack();
            all.add(gate);
            all.add(pins.folders());
            pins.files().forEach(all::add);
            try {
                all.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
