package dev.holdfast.sqlite;

import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Snapshots that are the source's own bytes, read under a lock. */
final class LockedSnapshots implements Snapshots {
    private final SqliteSettings settings;
    private final Scratch scratch;

    LockedSnapshots(SqliteSettings settings, Scratch scratch) {
        this.settings = settings;
        this.scratch = scratch;
    }

    @Override
    public Taken take(Source source, Work work) {
        Deadline deadline = Deadline.in(settings.busyTimeout());
        work.enter(Phase.LOCKING_SOURCE, 0);
        Opened opened = new Opened();
        try {
            List<LiveFile> files =
                    source.databaseFiles().stream().map(LiveFile::existing).toList();
            List<FileGate> gates = gates(files, opened, deadline, work);
            return new Taken.Pinned(new Held(pin(files, deadline, work), gates));
        } catch (ProblemException e) {
            opened.closeAfter(e);
            return new Taken.Refused(e.problem());
        } catch (CancelledException e) {
            opened.closeAfter(e);
            throw e;
        } catch (Throwable e) {
            opened.closeAfter(e);
            return new Taken.Refused(new Problem.Internal(e));
        }
    }

    /** In one order for all, so that two sources that share files cannot wait for each other. */
    private static List<FileGate> gates(List<LiveFile> files, Opened opened, Deadline deadline, Work work) {
        return files.stream()
                .map(LiveFile::path)
                .distinct()
                .sorted()
                .map(path -> opened.add(FileGate.enter(path, deadline, work)))
                .toList();
    }

    private List<PinnedFile> pin(List<LiveFile> files, Deadline deadline, Work work) throws IOException, SQLException {
        while (true) {
            Opened opened = new Opened();
            try {
                Pinning pinning = new Pinning(
                        scratch, deadline, work, files.size() == 1 ? settings.longestLog() : Long.MAX_VALUE);
                List<PinnedFile> pins = new ArrayList<>();
                for (LiveFile file : files) {
                    pins.add(opened.add(pinning.pin(file)));
                }
                meet(pins, files, deadline, work);
                if (allReady(pins, work)) {
                    return pins;
                }
                opened.closeAfter(new IllegalStateException("escaped"));
            } catch (Throwable e) {
                opened.closeAfter(e);
                throw e;
            }
            if (deadline.passed()) {
                throw new ProblemException(Faults.busy(files.getFirst().path(), deadline));
            }
        }
    }

    /** Until a whole round finds no new commit: between the two rounds all files were at their moments at once. */
    private static void meet(List<PinnedFile> pins, List<LiveFile> files, Deadline deadline, Work work)
            throws IOException {
        boolean moved = true;
        for (int round = 0; moved; round++) {
            if (round > 1 && deadline.passed()) {
                throw new ProblemException(Faults.busy(files.getFirst().path(), deadline));
            }
            work.checkCancelled();
            moved = false;
            for (PinnedFile pin : pins) {
                moved |= pin.catchUp();
            }
            // A lone file is at one moment whatever that is; the second round is for files that must meet.
            moved &= pins.size() > 1;
        }
    }

    private static boolean allReady(List<PinnedFile> pins, Work work) throws IOException, SQLException {
        for (PinnedFile pin : pins) {
            if (!pin.ready(work)) {
                return false;
            }
        }
        return true;
    }

    /** The pins, and the gates behind which they are. */
    private static final class Held implements Snapshot {
        private final List<PinnedFile> pins;
        private final List<FileGate> gates;
        private boolean open = true;

        Held(List<PinnedFile> pins, List<FileGate> gates) {
            this.pins = pins;
            this.gates = gates;
        }

        @Override
        public List<Image> images() {
            return List.copyOf(pins);
        }

        /** Every pin is closed and every gate opened, whatever fails on the way. */
        @Override
        public void close() {
            if (!open) {
                return;
            }
            open = false;
            Opened all = new Opened();
            gates.forEach(all::add);
            pins.forEach(all::add);
            try {
                all.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
