package dev.holdfast.rest.v1;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.DrillRestore;
import dev.holdfast.application.backup.ExpireBackups;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.ResumeRetention;
import dev.holdfast.application.backup.UpdateBackup;
import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.backup.VerifyBackup;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanStatus;
import dev.holdfast.domain.database.DatabaseName;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Primary;
import io.micronaut.context.annotation.Requires;
import jakarta.inject.Singleton;
import java.time.InstantSource;

@Factory
@Requires(property = "fake.use-cases")
final class FakeBeans {
    @Singleton
    FakeUseCases useCases() {
        return new FakeUseCases();
    }

    @Singleton
    CreateBackup createBackup(FakeUseCases fake) {
        return fake.createBackup();
    }

    @Singleton
    RestoreBackup restoreBackup(FakeUseCases fake) {
        return fake.restoreBackup();
    }

    @Singleton
    VerifyBackup verifyBackup(FakeUseCases fake) {
        return fake.verifyBackup();
    }

    @Singleton
    ListBackups listBackups(FakeUseCases fake) {
        return fake.listBackups();
    }

    @Singleton
    FindBackup findBackup(FakeUseCases fake) {
        return fake.findBackup();
    }

    @Singleton
    UpdateBackup updateBackup(FakeUseCases fake) {
        return fake.updateBackup();
    }

    @Singleton
    UploadBackup uploadBackup(FakeUseCases fake) {
        return fake.uploadBackup();
    }

    @Singleton
    DeleteBackup deleteBackup(FakeUseCases fake) {
        return fake.deleteBackup();
    }

    @Singleton
    OpenBackup openBackup(FakeUseCases fake) {
        return fake.openBackup();
    }

    @Singleton
    ListDatabases listDatabases(FakeUseCases fake) {
        return fake.listDatabases();
    }

    /** Two seconds after everything began. */
    @Primary
    @Singleton
    InstantSource clock() {
        return InstantSource.fixed(FakeUseCases.MOMENT.plusSeconds(2));
    }

    @Singleton
    Operations operations(FakeUseCases fake) {
        return fake.operations();
    }

    @Singleton
    ExpireBackups expireBackups(FakeUseCases fake) {
        return fake.expireBackups();
    }

    @Singleton
    ResumeRetention resumeRetention() {
        return (database, who) -> Outcome.done(new DatabaseName(database));
    }

    @Singleton
    DrillRestore drillRestore(FakeUseCases fake) {
        return fake.drillRestore();
    }

    @Singleton
    PlanStatus planStatus(FakeUseCases fake) {
        return fake.planStatus();
    }

    @Singleton
    Audit audit() {
        return new InMemoryPlanStore();
    }
}
