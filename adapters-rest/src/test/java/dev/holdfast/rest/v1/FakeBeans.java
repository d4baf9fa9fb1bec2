package dev.holdfast.rest.v1;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.AccountsInMemory;
import dev.holdfast.application.access.PlainHashing;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.audit.ListAudit;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.PruneBackups;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.ResumeRetention;
import dev.holdfast.application.backup.RunRestoreDrill;
import dev.holdfast.application.backup.UpdateBackup;
import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.backup.VerifyBackup;
import dev.holdfast.application.connection.ConnectionLimits;
import dev.holdfast.application.connection.OpenConnections;
import dev.holdfast.application.location.ConfirmLocation;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.stores.ConfirmStore;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.dialect.Dialects;
import dev.holdfast.http.upload.UploadLimits;
import dev.holdfast.security.JwtSecret;
import dev.holdfast.security.TokenSettings;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Primary;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.annotation.Secondary;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

@Factory
@Requires(property = "fake.use-cases")
final class FakeBeans {
    @Singleton
    OneBackupUseCases useCases() {
        return new OneBackupUseCases();
    }

    @Singleton
    AccessControl accessControl() {
        return new AccessControl(false, false);
    }

    @Singleton
    TokenSettings tokenSettings() {
        var secret = JwtSecret.given("not secret, but long enough for one");
        return new TokenSettings(secret, TokenSettings.USUAL_LIFETIME, Optional.empty());
    }

    @Singleton
    Dialects dialects() {
        return Dialects.NONE;
    }

    @Singleton
    OpenConnections openConnections() {
        return new OpenConnections(ConnectionLimits.of(1_024, 1L << 30));
    }

    /** Unless a test has others. */
    @Secondary
    @Singleton
    UploadLimits uploadLimits() {
        return new UploadLimits(UploadLimits.USUAL_SIZE, UploadLimits.USUAL_SILENCE);
    }

    @Singleton
    Accounts accounts() {
        return new AccountsInMemory();
    }

    @Singleton
    SignIn signIn(Accounts accounts) {
        return SignIn.using(accounts, new PlainHashing(), InstantSource.system());
    }

    @Singleton
    CreateBackup createBackup(OneBackupUseCases fake) {
        return fake.createBackup();
    }

    @Singleton
    RestoreBackup restoreBackup(OneBackupUseCases fake) {
        return fake.restoreBackup();
    }

    @Singleton
    VerifyBackup verifyBackup(OneBackupUseCases fake) {
        return fake.verifyBackup();
    }

    @Singleton
    ListBackups listBackups(OneBackupUseCases fake) {
        return fake.listBackups();
    }

    @Singleton
    FindBackup findBackup(OneBackupUseCases fake) {
        return fake.findBackup();
    }

    @Singleton
    UpdateBackup updateBackup(OneBackupUseCases fake) {
        return fake.updateBackup();
    }

    @Singleton
    UploadBackup uploadBackup(OneBackupUseCases fake) {
        return fake.uploadBackup();
    }

    @Singleton
    DeleteBackup deleteBackup(OneBackupUseCases fake) {
        return fake.deleteBackup();
    }

    @Singleton
    OpenBackup openBackup(OneBackupUseCases fake) {
        return fake.openBackup();
    }

    @Singleton
    ListDatabases listDatabases(OneBackupUseCases fake) {
        return fake.listDatabases();
    }

    /** Two seconds after everything began. */
    @Primary
    @Singleton
    InstantSource clock() {
        return InstantSource.fixed(OneBackupUseCases.MOMENT.plusSeconds(2));
    }

    @Singleton
    Operations operations(OneBackupUseCases fake) {
        return fake.operations();
    }

    @Singleton
    PruneBackups expireBackups(OneBackupUseCases fake) {
        return fake.expireBackups();
    }

    @Singleton
    ResumeRetention resumeRetention() {
        return (database, who) -> Outcome.done(new DatabaseName(database));
    }

    @Singleton
    ConfirmLocation confirmLocation() {
        return (database, resolved, who) ->
                Outcome.done(new ConfirmLocation.Confirmation(new DatabaseName(database), List.of()));
    }

    @Singleton
    ConfirmStore confirmStore() {
        return (store, database, who) -> Outcome.refused(new Problem.StoreNotFound(store));
    }

    @Singleton
    RunRestoreDrill drillRestore(OneBackupUseCases fake) {
        return fake.drillRestore();
    }

    @Singleton
    PlanService planStatus(OneBackupUseCases fake) {
        return fake.planStatus();
    }

    @Singleton
    Audit audit() {
        return new InMemoryPlanStore();
    }

    /** Of a new server. */
    @Singleton
    ListAudit listAudit() {
        return (pageSize, pageToken) -> Outcome.done(new ListAudit.Page(List.of(), ""));
    }
}
