package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.check.ImageChecks;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.PlanStore;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.RestoreTrials;
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
    private final ReadingBackups reading;
    private final ChangingBackups changing;
    private final ExpireBackups expiring;
    private final DrillRestore drilling;
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
            RestoreTrials trials,
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
        reading = new ReadingBackups(databases, leases, integrity, clock);
        changing = new ChangingBackups(databases, leases);
        expiring = new ExpiringBackups(databases, plans, runner, leases, histories, changing, clock, failPoints);
        drilling = new DrillingRestore(databases, runner, check, checks, trials, planStore, clock);
        uploading = new UploadingBackup(databases, runner, plans, archives, checks, maker, clock, uploads.mostBytes());
    }

    public CreateBackup create() {
        return new CreatingBackup(databases, runner, unfinished(), maker);
    }

    public CreateNamedBackup createNamed() {
        return new CreatingBackup(databases, runner, unfinished(), maker);
    }

    /** @param audit records restores of foreign backups */
    public RestoreBackup restore(Audit audit) {
        return new RestoringBackup(
                databases, runner, check, checks, maker, live, unfinished(), audit, clock, failPoints);
    }

    private UnfinishedRestores unfinished() {
        return new UnfinishedRestores(live, safetyBackups(), runner, clock);
    }

    public VerifyBackup verify() {
        return new VerifyingBackup(databases, runner, check);
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

    public ExpireBackups expire() {
        return expiring;
    }

    public ResumeRetention resumeRetention(Audit audit) {
        return (database, who) -> Outcome.attempt(() -> databases.find(database).then(registered -> {
            assessing.resume(registered, audit, who, clock.instant());
            return Outcome.done(registered.database().name());
        }));
    }

    public DrillRestore drill() {
        return drilling;
    }

    public UploadBackup upload() {
        return uploading;
    }

    /** For a restore that is completed at the next start. */
    public SafetyBackups safetyBackups() {
        return (registered, current, inconsistency) -> maker.keep(
                        registered, registered.database().layout(), current, inconsistency, Work.UNWATCHED)
                .then(backup -> Outcome.done(RestoringBackup.kept(backup)));
    }

    public DeleteBackup delete() {
        return changing;
    }
}
