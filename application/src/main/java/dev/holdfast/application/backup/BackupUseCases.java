package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.check.ImageChecks;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.PlanStore;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.RestoreDrills;
import dev.holdfast.application.restore.SafetyBackups;
import dev.holdfast.application.retention.SourceHistories;
import dev.holdfast.application.snapshot.Snapshots;
import java.time.InstantSource;

/**
 * The use cases over backups. They share what keeps them apart: one record of who reads what, so there has to be one of
 * this for the whole server.
 */
public final class BackupUseCases {
    private final Databases databases;
    private final OperationRunner runner;
    private final LiveDatabases live;
    private final FailPoints failPoints;
    private final InstantSource clock;
    private final ArtifactChecks checks;
    private final Assessing assessing;
    private final BackupMaker maker;
    private final BackupCheck check;
    private final BackupQueries reading;
    private final BackupUpdates changing;
    private final PruneBackups expiring;
    private final RunRestoreDrill drilling;
    private final UploadBackup uploading;

    /**
     * @param failPoints told of {@code backup.pinned, .copied, .checked, .published}, {@code restore.secured} and
     *     {@code expire.removed}
     */
    public BackupUseCases(
            Databases databases,
            OperationRunner runner,
            Plans plans,
            PlanStore planStore,
            Snapshots snapshots,
            ImageChecks imageChecks,
            Archives archives,
            UploadRules uploads,
            LiveDatabases live,
            RestoreDrills trials,
            InstantSource clock,
            FailPoints failPoints) {
        this.databases = databases;
        this.runner = runner;
        this.live = live;
        this.failPoints = failPoints;
        var leases = new Leases();
        var integrity = new Integrity();
        this.clock = clock;
        checks = new ArtifactChecks(archives, imageChecks, uploads.unfolded());
        var histories = new SourceHistories(runner.log());
        assessing = new Assessing(histories);
        maker = new BackupMaker(snapshots, archives, checks, plans, assessing, clock, failPoints);
        check = new BackupCheck(checks, integrity, leases, clock);
        reading = new BackupQueries(databases, leases, integrity, clock);
        changing = new BackupUpdates(databases, leases);
        expiring = new PruneBackupsService(databases, plans, runner, leases, histories, changing, clock, failPoints);
        drilling = new RunRestoreDrillService(databases, runner, check, checks, trials, planStore, clock);
        uploading =
                new UploadBackupService(databases, runner, plans, archives, checks, maker, clock, uploads.mostBytes());
    }

    public CreateBackup create() {
        return new CreateBackupService(databases, runner, unfinished(), maker);
    }

    public CreateNamedBackup createNamed() {
        return new CreateBackupService(databases, runner, unfinished(), maker);
    }

    /** @param audit records restores of foreign backups */
    public RestoreBackup restore(Audit audit) {
        return new RestoreBackupService(
                databases, runner, check, checks, maker, live, unfinished(), audit, clock, failPoints);
    }

    private InterruptedRestores unfinished() {
        return new InterruptedRestores(live, safetyBackups(), runner, clock);
    }

    public VerifyBackup verify() {
        return new VerifyBackupService(databases, runner, check);
    }

    public ListBackups list() {
        return reading;
    }

    public FindBackup find() {
        return reading;
    }

    public OpenBackup open() {
        return reading;
    }

    public UpdateBackup update() {
        return changing;
    }

    public PruneBackups expire() {
        return expiring;
    }

    public ResumeRetention resumeRetention(Audit audit) {
        return (database, who) -> Outcome.attempt(() -> databases.find(database).then(registered -> {
            assessing.resume(registered, audit, who, clock.instant());
            return Outcome.done(registered.database().name());
        }));
    }

    public RunRestoreDrill drill() {
        return drilling;
    }

    public UploadBackup upload() {
        return uploading;
    }

    /** For a restore that is completed at the next start. */
    public SafetyBackups safetyBackups() {
        return (registered, current, inconsistency) -> maker.keep(
                        registered, registered.database().layout(), current, inconsistency, ProgressMonitor.UNWATCHED)
                .then(backup -> Outcome.done(RestoreBackupService.kept(backup)));
    }

    public DeleteBackup delete() {
        return changing;
    }
}
