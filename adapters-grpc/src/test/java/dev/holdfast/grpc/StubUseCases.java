package dev.holdfast.grpc;

import dev.holdfast.application.Outcome;
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
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.location.ConfirmLocation;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.stores.ConfirmStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.retention.RetentionDecision;
import dev.holdfast.grpc.service.UseCases;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongFunction;

/** Use cases that refuse whatever a test has not given them. */
public final class StubUseCases {
    private static final Problem NOT_GIVEN = new Problem.Internal(new AssertionError("not given by the test"));

    final FakeOperations operations = new FakeOperations();
    CreateBackup create = (database, origin, layout, requester) -> Outcome.refused(NOT_GIVEN);
    ListBackups list = (database, pageSize, pageToken) -> Outcome.refused(NOT_GIVEN);
    FindBackup find = (database, filename) -> Outcome.refused(NOT_GIVEN);
    UpdateBackup update = (database, filename, change) -> Outcome.refused(NOT_GIVEN);
    DeleteBackup delete = (database, filename) -> Outcome.refused(NOT_GIVEN);
    RestoreBackup restore = (database, filename, allowed, requester) -> Outcome.refused(NOT_GIVEN);
    VerifyBackup verify = (database, filename, depth, requester) -> Outcome.refused(NOT_GIVEN);
    RunRestoreDrill drill = (database, requester) -> Outcome.refused(NOT_GIVEN);
    InMemoryPlanStore audit = new InMemoryPlanStore();
    OpenBackup open = (database, filename, work) -> Outcome.refused(NOT_GIVEN);
    UploadBackup upload = (database, filename, content, announced, requester) -> Outcome.refused(NOT_GIVEN);
    public ListDatabases databases = List::of;
    PlanService plans = new NoPlans();
    PruneBackups expire = new NoExpiry();
    ResumeRetention resumeRetention = (database, who) -> Outcome.refused(NOT_GIVEN);
    ConfirmStore confirmStore = (store, database, who) -> Outcome.refused(NOT_GIVEN);

    ConfirmLocation confirmLocation = (database, resolved, who) -> Outcome.refused(NOT_GIVEN);

    UseCases all() {
        return new UseCases(
                create,
                list,
                find,
                update,
                delete,
                restore,
                verify,
                drill,
                open,
                upload,
                operations,
                databases,
                plans,
                expire,
                resumeRetention,
                confirmStore,
                confirmLocation,
                audit);
    }

    private static class NoExpiry implements PruneBackups {
        @Override
        public Outcome<Operation> start(String database, Requester requester) {
            throw new AssertionError("not asked over gRPC");
        }

        @Override
        public Outcome<List<RetentionDecision>> preview(String database, Map<String, Optional<String>> change) {
            return Outcome.refused(NOT_GIVEN);
        }
    }

    private static class NoPlans implements PlanService {
        @Override
        public Outcome<View> find(String database) {
            return Outcome.refused(NOT_GIVEN);
        }

        @Override
        public View of(RegisteredDatabase registered, Collection<Backup> backups) {
            throw new AssertionError("not asked over gRPC");
        }

        @Override
        public Outcome<View> change(String database, Map<String, Optional<String>> change, String who) {
            return Outcome.refused(NOT_GIVEN);
        }
    }

    /** A backup that is read from {@code bytes}; tells when it was closed. */
    record Opened(Backup backup, long size, LongFunction<InputStream> bytes, CountDownLatch closed)
            implements OpenBackup.Opened {
        static Opened of(Backup backup, byte[] content) {
            return new Opened(
                    backup,
                    content.length,
                    offset -> new ByteArrayInputStream(content, (int) offset, content.length - (int) offset),
                    new CountDownLatch(1));
        }

        @Override
        public Artifact artifact() {
            return new Artifact() {
                @Override
                public long size() {
                    return size;
                }

                @Override
                public InputStream open(long offset) {
                    return bytes.apply(offset);
                }

                @Override
                public Optional<Path> file() {
                    return Optional.empty();
                }

                @Override
                public String version() {
                    return "1";
                }
            };
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
