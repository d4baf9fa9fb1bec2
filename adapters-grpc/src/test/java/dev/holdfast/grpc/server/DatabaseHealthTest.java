package dev.holdfast.grpc.server;

import static dev.holdfast.grpc.OverviewFixture.database;
import static dev.holdfast.grpc.OverviewFixture.overview;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.overview.ListDatabases.Overview;
import dev.holdfast.application.overview.ListDatabases.Planned;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.InProcess;
import dev.holdfast.grpc.StubUseCases;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micronaut.scheduling.ScheduledExecutorTaskScheduler;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The health that is reported of each database. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DatabaseHealthTest {
    private static final java.time.Duration PATIENCE = java.time.Duration.ofSeconds(30);

    private final StubUseCases given = new StubUseCases();

    @Test
    void health_is_told_of_each_database() throws Exception {
        ListDatabases lists = () -> List.of(
                overview("good"),
                new Overview(
                        database("bad"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        0,
                        0,
                        0,
                        Planned.NOTHING,
                        Optional.of(new Problem.StoreUnavailable("gone"))));
        given.databases = lists;
        var health = new DatabaseHealth(lists, PATIENCE);
        health.look();
        try (var server = InProcess.serving(given);
                health) {
            // The server looks as soon as it starts, on a thread of its own.
            assertThat(statusOf(server, "good")).isEqualTo(ServingStatus.SERVING);
            assertThat(statusOf(server, "bad")).isEqualTo(ServingStatus.NOT_SERVING);
            assertThat(statusOf(server, "holdfast.v1.BackupService")).isEqualTo(ServingStatus.SERVING);
        }
    }

    @Test
    void a_database_that_cannot_be_looked_at_is_not_serving_until_it_can_be() throws Exception {
        ListDatabases sound = () -> List.of(overview("a"));
        List<ListDatabases> broken = List.of(
                () -> {
                    throw new IllegalStateException("a fault in the program");
                },
                () -> {
                    throw new StackOverflowError("a worse one");
                });
        var now = new AtomicReference<>(sound);
        try (var health = new DatabaseHealth(() -> now.get().list(), PATIENCE);
                var asking = new Asking(health)) {
            for (ListDatabases failing : broken) {
                now.set(sound);
                health.look();
                assertThat(asking.about("a")).isEqualTo(ServingStatus.SERVING);
                now.set(failing);
                health.look();
                assertThat(asking.about("a")).isEqualTo(ServingStatus.NOT_SERVING);
            }
        }
    }

    @Test
    void after_a_first_look_that_throws_the_second_look_comes() throws Exception {
        var looks = new AtomicInteger();
        given.databases = () -> {
            if (looks.incrementAndGet() == 1) {
                throw new IllegalStateException("a fault in the program");
            }
            return List.of(overview("a"));
        };
        try (var timers = Executors.newScheduledThreadPool(1);
                var health = new DatabaseHealth(given.databases, PATIENCE);
                var asking = new Asking(health)) {
            health.start(new ScheduledExecutorTaskScheduler(timers), List.of(), java.time.Duration.ofMillis(1));
            assertThat(asking.untilKnown("a")).isEqualTo(ServingStatus.SERVING);
            assertThat(looks).hasValueGreaterThan(1);
        }
    }

    @Test
    void databases_that_do_not_answer_are_not_serving_until_they_do() throws Exception {
        var answers = new Semaphore(1);
        ListDatabases slow = () -> {
            answers.acquireUninterruptibly();
            return List.of(overview("a"));
        };
        try (var health = new DatabaseHealth(slow, java.time.Duration.ofMillis(50));
                var asking = new Asking(health)) {
            health.look();
            assertThat(asking.about("a")).isEqualTo(ServingStatus.SERVING);
            health.look();
            assertThat(asking.about("a")).isEqualTo(ServingStatus.NOT_SERVING);
            health.look();
            assertThat(answers.getQueueLength()).isEqualTo(1);

            answers.release(1_000_000);
            while (asking.about("a") != ServingStatus.SERVING) {
                health.look();
            }
        }
    }

    private static final class Asking implements AutoCloseable {
        private final Server server;
        private final ManagedChannel channel;

        Asking(DatabaseHealth health) throws IOException {
            String name = InProcessServerBuilder.generateName();
            server = InProcessServerBuilder.forName(name)
                    .addService(health.service())
                    .build()
                    .start();
            channel = InProcessChannelBuilder.forName(name).build();
        }

        ServingStatus about(String service) {
            return HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(java.time.Duration.ofSeconds(30))
                    .check(HealthCheckRequest.newBuilder().setService(service).build())
                    .getStatus();
        }

        ServingStatus untilKnown(String service) {
            return statusOf(channel, service);
        }

        @Override
        public void close() {
            channel.shutdownNow();
            server.shutdownNow();
        }
    }

    private static ServingStatus statusOf(InProcess server, String service) {
        return statusOf(server.channel, service);
    }

    private static ServingStatus statusOf(ManagedChannel channel, String service) {
        var statuses = HealthGrpc.newBlockingStub(channel)
                .withDeadlineAfter(java.time.Duration.ofSeconds(30))
                .watch(HealthCheckRequest.newBuilder().setService(service).build());
        ServingStatus status = statuses.next().getStatus();
        while (status == ServingStatus.SERVICE_UNKNOWN) {
            status = statuses.next().getStatus();
        }
        return status;
    }
}
