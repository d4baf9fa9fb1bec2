package dev.holdfast.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.grpc.access.AccessInterceptor;
import dev.holdfast.grpc.problem.GrpcUnexpectedExceptions;
import dev.holdfast.grpc.server.GrpcSettings;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.ListBackupsRequest;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.micronaut.context.ApplicationContext;
import io.micronaut.core.order.OrderUtil;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the framework finds to serve. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ServedBeansTest {
    private static final GrpcSettings SETTINGS =
            new GrpcSettings("127.0.0.1", 0, Optional.empty(), true, Duration.ofMinutes(2));

    private final StubUseCases given = new StubUseCases();

    @Test
    void errors_are_outside_access_control_and_there_is_no_other_interceptor() {
        try (ApplicationContext context =
                ServedGrpc.context(SETTINGS, given.all(), Optional.empty(), InstantSource.system())) {
            var interceptors = new ArrayList<>(context.getBeansOfType(ServerInterceptor.class));
            OrderUtil.sort(interceptors);

            assertThat(interceptors)
                    .extracting(Object::getClass)
                    .<Class<?>>map(it -> it)
                    .containsExactly(GrpcUnexpectedExceptions.class, AccessInterceptor.class);
        }
    }

    @Test
    void the_framework_adds_no_service_of_its_own() {
        try (ApplicationContext context =
                ServedGrpc.context(SETTINGS, given.all(), Optional.empty(), InstantSource.system())) {
            assertThat(context.getBeansOfType(BindableService.class)).isEmpty();
            assertThat(context.getBeansOfType(ServerServiceDefinition.class))
                    .map(it -> it.getServiceDescriptor().getName())
                    .containsExactlyInAnyOrder(
                            "holdfast.v1.BackupService",
                            "holdfast.v1.OperationService",
                            "holdfast.v1.DatabaseService",
                            "holdfast.v1.StoreService",
                            "grpc.health.v1.Health");
        }
    }

    @Test
    void a_call_without_a_token_gets_the_answer_of_the_errors_over_a_socket() throws Exception {
        try (ServedGrpc server =
                ServedGrpc.start(SETTINGS, given.all(), Optional.of(_ -> Optional.empty()), InstantSource.system())) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                    .usePlaintext()
                    .build();
            try {
                assertThatThrownBy(() -> BackupServiceGrpc.newBlockingStub(channel)
                                .withDeadlineAfter(Duration.ofSeconds(30))
                                .listBackups(ListBackupsRequest.getDefaultInstance()))
                        .isInstanceOfSatisfying(
                                StatusRuntimeException.class,
                                it -> assertThat(InProcess.Refusal.of(it).reason())
                                        .isEqualTo("UNAUTHENTICATED"));
            } finally {
                channel.shutdownNow();
            }
        }
    }
}
