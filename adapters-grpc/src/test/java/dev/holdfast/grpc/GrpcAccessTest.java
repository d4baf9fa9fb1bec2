package dev.holdfast.grpc;

import static dev.holdfast.grpc.InProcess.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.grpc.InProcess.Refusal;
import dev.holdfast.grpc.access.AccessInterceptor;
import dev.holdfast.grpc.access.GrpcAccessRecheck;
import dev.holdfast.grpc.access.MethodRoles;
import dev.holdfast.grpc.access.MethodRoles.Access;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.BackupServiceGrpc.BackupServiceBlockingStub;
import dev.holdfast.grpc.v1.CreateBackupRequest;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc;
import dev.holdfast.grpc.v1.ListBackupsRequest;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import dev.holdfast.grpc.v1.StoreServiceGrpc;
import dev.holdfast.grpc.v1.WaitMode;
import dev.holdfast.grpc.v1.WatchOperationRequest;
import dev.holdfast.grpc.v1.WatchOperationResponse;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class GrpcAccessTest {
    private static final Map<String, Identity> KNOWN = Map.of(
            "v", new Identity("vera", Role.VIEWER),
            "o", new Identity("otto", Role.OPERATOR));

    private final StubUseCases given = new StubUseCases();

    GrpcAccessTest() {
        given.list = (database, size, token) -> Outcome.done(new ListBackups.Page(List.of(), ""));
        given.create = (database, origin, layout, requester) ->
                Outcome.done(given.operations.begin(OperationKind.BACKUP, requester.name()));
    }

    private InProcess serve() throws Exception {
        return InProcess.serving(
                given, Optional.of(token -> Optional.ofNullable(KNOWN.get(token))), Duration.ofMinutes(2));
    }

    private static BackupServiceBlockingStub with(InProcess server, String... authorization) {
        var headers = new Metadata();
        Stream.of(authorization).forEach(it -> headers.put(AccessInterceptor.AUTHORIZATION, it));
        return server.backups().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    @Test
    void who_says_nothing_or_nothing_credible_is_not_let_in() throws Exception {
        try (InProcess server = serve()) {
            for (BackupServiceBlockingStub backups : List.of(
                    with(server),
                    with(server, "Bearer x"),
                    with(server, "Basic v"),
                    with(server, "v"),
                    with(server, "Bearer v", "Bearer v"))) {
                Refusal refusal = refusal(() -> backups.listBackups(ListBackupsRequest.getDefaultInstance()));
                assertThat(refusal.status()).isEqualTo(Status.Code.UNAUTHENTICATED);
                assertThat(refusal.reason()).isEqualTo("UNAUTHENTICATED");
            }
        }
    }

    @Test
    void a_role_may_do_what_it_is_for_and_the_operation_knows_who_asked() throws Exception {
        try (InProcess server = serve()) {
            assertThat(with(server, "bearer v")
                            .listBackups(ListBackupsRequest.getDefaultInstance())
                            .getBackupsCount())
                    .isZero();
            CreateBackupRequest create = CreateBackupRequest.newBuilder()
                    .setWait(WaitMode.WAIT_MODE_RETURN_AT_ONCE)
                    .build();
            Refusal refusal = refusal(() -> with(server, "Bearer v").createBackup(create));
            assertThat(refusal.status()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(refusal.text()).contains("operator");
            assertThat(with(server, "Bearer o")
                            .createBackup(create)
                            .getOperation()
                            .getRequestedBy())
                    .isEqualTo("otto");
        }
    }

    @Test
    void a_stream_ends_soon_after_its_token_was_revoked() throws Exception {
        Operation operation = given.operations.begin(OperationKind.BACKUP);
        var known = new ConcurrentHashMap<>(KNOWN);
        var clock = new SettableClock(FakeOperations.NOON);
        try (var server = InProcess.serving(
                given, Optional.of(token -> Optional.ofNullable(known.get(token))), Duration.ofMinutes(2), clock)) {
            var headers = new Metadata();
            headers.put(AccessInterceptor.AUTHORIZATION, "Bearer v");
            Iterator<WatchOperationResponse> told = server.operations()
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .watchOperation(
                            WatchOperationRequest.newBuilder().setId("op-1").build());
            assertThat(told.next().getOperation().getRevision()).isEqualTo(1);
            clock.advance(GrpcAccessRecheck.EVERY);
            given.operations.change(operation, Operation::withCancelRequested);
            assertThat(told.next().getOperation().getRevision())
                    .as("the token is still good")
                    .isEqualTo(2);

            known.remove("v");
            clock.advance(GrpcAccessRecheck.EVERY);

            assertThat(refusal(told::next).status()).isEqualTo(Status.Code.UNAUTHENTICATED);
        }
    }

    @Test
    void health_is_not_told_of_what_has_a_longer_name_than_anything_has() throws Exception {
        try (var server = InProcess.serving(given, Optional.empty(), Duration.ofMinutes(2))) {
            var asked =
                    HealthCheckRequest.newBuilder().setService("a".repeat(257)).build();
            var health = HealthGrpc.newBlockingStub(server.channel);
            assertThatThrownBy(() -> health.check(asked)).hasMessageStartingWith("INVALID_ARGUMENT: service");
            assertThatThrownBy(() -> health.watch(asked).next()).hasMessageStartingWith("INVALID_ARGUMENT: service");
        }
    }

    @Test
    void health_is_told_to_everybody() throws Exception {
        try (InProcess server = serve()) {
            assertThat(HealthGrpc.newBlockingStub(server.channel)
                            .check(HealthCheckRequest.getDefaultInstance())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
        }
    }

    @Test
    void the_roles_are_those_of_the_native_api() {
        Map<String, Role> roles = Stream.of(
                        BackupServiceGrpc.getServiceDescriptor(),
                        OperationServiceGrpc.getServiceDescriptor(),
                        DatabaseServiceGrpc.getServiceDescriptor(),
                        StoreServiceGrpc.getServiceDescriptor())
                .flatMap(it -> it.getMethods().stream())
                .collect(Collectors.toMap(MethodDescriptor::getBareMethodName, GrpcAccessTest::role));
        assertThat(roles)
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("CreateBackup", Role.OPERATOR),
                        Map.entry("GetBackup", Role.VIEWER),
                        Map.entry("ListBackups", Role.VIEWER),
                        Map.entry("UpdateBackup", Role.ADMIN),
                        Map.entry("DeleteBackup", Role.ADMIN),
                        Map.entry("RestoreBackup", Role.ADMIN),
                        Map.entry("VerifyBackup", Role.OPERATOR),
                        Map.entry("DrillRestore", Role.OPERATOR),
                        Map.entry("DownloadBackup", Role.OPERATOR),
                        Map.entry("UploadBackup", Role.ADMIN),
                        Map.entry("ListOperations", Role.VIEWER),
                        Map.entry("GetOperation", Role.VIEWER),
                        Map.entry("CancelOperation", Role.OPERATOR),
                        Map.entry("WatchOperation", Role.VIEWER),
                        Map.entry("ListDatabases", Role.VIEWER),
                        Map.entry("GetPlan", Role.VIEWER),
                        Map.entry("UpdatePlan", Role.ADMIN),
                        Map.entry("PreviewPlan", Role.VIEWER),
                        Map.entry("ResumeRetention", Role.ADMIN),
                        Map.entry("ConfirmStore", Role.ADMIN),
                        Map.entry("ConfirmLocation", Role.ADMIN)));
    }

    private static Role role(MethodDescriptor<?, ?> method) {
        return switch (MethodRoles.of(method)) {
            case Access.From(Role role) -> role;
            case Access.Open _, Access.Closed _ -> throw new AssertionError(method.getFullMethodName());
        };
    }
}
