package dev.holdfast.sqlite;

import dev.holdfast.application.archive.DatabaseConverter;
import dev.holdfast.application.check.ImageChecks;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.RestoreDrills;
import dev.holdfast.application.snapshot.Snapshots;
import dev.holdfast.sqlite.check.PragmaChecks;
import dev.holdfast.sqlite.dump.SqliteDatabaseConverter;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.sqlite.restore.OnlineRestore;
import dev.holdfast.sqlite.restore.RestoreJournal;
import dev.holdfast.sqlite.restore.ScratchRestoreDrills;
import dev.holdfast.sqlite.snapshot.LockedSnapshots;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;

/**
 * SQLite behind the ports that ask for it.
 *
 * <p>The fail points of a restore, in the order of work: {@code restore.replacing} (nothing written yet),
 * {@code restore.pages} (some pages written, not committed), {@code restore.committed} (not yet compared),
 * {@code restore.compared}; into a missing target: {@code restore.new.written} (under a temporary name),
 * {@code restore.new.linked} (under its own name, the directory not yet synced).
 */
public final class SqliteEngine {
    private final Snapshots snapshots;
    private final ImageChecks checks;
    private final LiveDatabases liveDatabases;
    private final RestoreDrills trials;
    private final DatabaseConverter forms;

    private SqliteEngine(
            Snapshots snapshots,
            ImageChecks checks,
            LiveDatabases liveDatabases,
            RestoreDrills trials,
            DatabaseConverter forms) {
        this.snapshots = snapshots;
        this.checks = checks;
        this.liveDatabases = liveDatabases;
        this.trials = trials;
        this.forms = forms;
    }

    /**
     * Makes the scratch directory, or empties it of what a killed process left.
     *
     * @param clock for the names of what a restore sets aside
     * @throws IOException if the scratch directory cannot be used
     */
    public static SqliteEngine using(SqliteSettings settings, InstantSource clock, FailPoints failPoints)
            throws IOException {
        Scratch scratch = Scratch.in(settings.scratch());
        List<RestoreJournal> endedBefore = RestoreJournal.sweep(settings.restores());
        return new SqliteEngine(
                new LockedSnapshots(settings, scratch),
                new PragmaChecks(scratch),
                new OnlineRestore(settings, scratch, clock, failPoints, endedBefore),
                new ScratchRestoreDrills(scratch, clock),
                new SqliteDatabaseConverter());
    }

    public Snapshots snapshots() {
        return snapshots;
    }

    public ImageChecks checks() {
        return checks;
    }

    public LiveDatabases liveDatabases() {
        return liveDatabases;
    }

    public RestoreDrills trials() {
        return trials;
    }

    public DatabaseConverter forms() {
        return forms;
    }
}
