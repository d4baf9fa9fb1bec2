package dev.holdfast.sqlite;

import static dev.holdfast.application.store.BackupFixture.backup;
import static dev.holdfast.application.store.BackupFixture.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.sqlite.check.PragmaChecks;
import dev.holdfast.sqlite.file.Scratch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A backup directory that goes away in the middle of an operation. Mounting it takes root. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class VanishedStoreTest {
    private static final BackupKey KEY = new BackupKey("app_20260413_120000.db");

    @TempDir
    private Path root;

    private final AtomicReference<String> losing = new AtomicReference<>("");
    private final List<UseCasesFixture> servers = new ArrayList<>();
    private Optional<Process> fuse = Optional.empty();

    /** How the directory goes away. */
    enum Loss {
        /** Its file system is unmounted lazily, as by an administrator or a failing automounter. */
        UNMOUNTED,
        /** Its file system answers each call with an error, as a FUSE mount whose server died. */
        DISCONNECTED,
        /** Another program removes it. */
        REMOVED
    }

    private Path backups() {
        return root.resolve("backups");
    }

    @BeforeEach
    void open() throws IOException {
        Files.createDirectory(backups());
        sql("CREATE TABLE t(x)", "INSERT INTO t VALUES (randomblob(300000))");
    }

    private void serve(Loss loss) throws IOException {
        mount(loss);
        servers.add(UseCasesFixture.in(
                root, Source.of(root.resolve("app.db")), Profile.NATIVE, Duration.ofSeconds(5), losingOf(loss)));
    }

    private UseCasesFixture server() {
        return servers.getLast();
    }

    private FailPoints losingOf(Loss loss) {
        return point -> {
            if (losing.compareAndSet(point, "")) {
                lose(loss);
            }
        };
    }

    @AfterEach
    void close() throws IOException {
        servers.forEach(UseCasesFixture::close);
        fuse.ifPresent(Process::destroyForcibly);
        try {
            run("umount", "-l", backups().toString());
        } catch (IOException e) {
            // It is not mounted any more.
        }
    }

    private void mount(Loss loss) throws IOException {
        switch (loss) {
            case UNMOUNTED ->
                run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", backups().toString());
            case DISCONNECTED -> {
                Path real = Files.createDirectory(root.resolve("real"));
                fuse = Optional.of(new ProcessBuilder(
                                "bindfs", "-f", real.toString(), backups().toString())
                        .start());
                Object before = Files.getAttribute(root, "unix:dev");
                while (Files.getAttribute(backups(), "unix:dev").equals(before)) {
                    assertThat(fuse.get().isAlive()).as("bindfs runs").isTrue();
                    Thread.onSpinWait();
                }
            }
            case REMOVED -> {}
        }
    }

    private void lose(Loss loss) {
        try {
            switch (loss) {
                case UNMOUNTED -> run("umount", "-l", backups().toString());
                case DISCONNECTED -> fuse.orElseThrow().destroyForcibly().waitFor();
                case REMOVED -> run("rm", "-r", backups().toString());
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + " (expected: to be run as root)");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private void sql(String... statements) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + root.resolve("app.db"));
                Statement statement = connection.createStatement()) {
            for (String it : statements) {
                statement.execute(it);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertUnavailable(Operation ended) {
        assertThat(ended.failure()).isPresent();
        assertThat(ended.failure().get().code()).as(ended.toString()).isEqualTo(ProblemCode.STORE_UNAVAILABLE.id());
    }

    private static void assertUnavailable(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        it -> assertThat(it.problem().code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE));
    }

    private static Stream<Arguments> at(Loss loss, String... points) {
        return Stream.of(points).map(it -> Arguments.of(loss, it));
    }

    static Stream<Arguments> points_of_a_backup() {
        return Stream.of(
                        at(
                                Loss.DISCONNECTED,
                                "store.part-created",
                                "store.half-written",
                                "backup.copied",
                                "store.sealed",
                                "backup.checked",
                                "store.meta-part-written",
                                "store.meta-written",
                                "store.linked"),
                        at(Loss.UNMOUNTED, "store.half-written", "store.meta-written"),
                        at(Loss.REMOVED, "store.part-created", "store.sealed", "store.linked"))
                .flatMap(it -> it);
    }

    static Stream<Arguments> points_of_a_restore() {
        return Stream.of(
                        at(Loss.DISCONNECTED, "store.half-written", "backup.checked", "store.meta-written"),
                        at(Loss.UNMOUNTED, "store.sealed"),
                        at(Loss.REMOVED, "store.half-written"))
                .flatMap(it -> it);
    }

    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("points_of_a_backup")
    void a_backup_fails_as_store_unavailable(Loss loss, String point) throws Exception {
        serve(loss);
        losing.set(point);

        assertUnavailable(server().backUp());
    }

    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("points_of_a_restore")
    void a_restore_fails_as_store_unavailable_and_replaces_nothing(Loss loss, String point) throws Exception {
        serve(loss);
        assertThat(server().backUp(KEY.value()).failure()).isEmpty();
        sql("INSERT INTO t VALUES ('later')");
        byte[] before = Files.readAllBytes(root.resolve("app.db"));
        losing.set(point);

        assertUnavailable(server().restore(KEY.value()));

        assertThat(Files.readAllBytes(root.resolve("app.db"))).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void a_check_where_the_artifact_is_stored_is_not_a_finding(Loss loss) throws Exception {
        serve(loss);
        assertThat(server().backUp(KEY.value()).failure()).isEmpty();
        Artifact artifact = server().store().open(KEY).orElseThrow();
        var checks = new PragmaChecks(Scratch.in(root.resolve("checks")));

        assertUnavailable(() -> checks.check(artifact, Depth.FULL, new Losing(() -> lose(loss))));
    }

    static Stream<Arguments> points_of_a_deletion_that_is_made() {
        return Stream.of(
                        at(Loss.DISCONNECTED, "store.artifact-removed", "store.removal-synced"),
                        at(Loss.UNMOUNTED, "store.artifact-removed"))
                .flatMap(it -> it);
    }

    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("points_of_a_deletion_that_is_made")
    void a_deletion_that_may_have_happened_says_so(Loss loss, String point) throws Exception {
        serve(loss);
        put(server().store(), KEY, "content");
        losing.set(point);

        assertUncertain(() -> server().store().delete(KEY));
    }

    static Stream<Arguments> points_of_a_change_that_is_made() {
        return Stream.of(
                        at(Loss.DISCONNECTED, "store.meta-renamed", "store.updated"),
                        at(Loss.UNMOUNTED, "store.updated"))
                .flatMap(it -> it);
    }

    @ParameterizedTest(name = "{0} at {1}")
    @MethodSource("points_of_a_change_that_is_made")
    void a_change_that_may_have_happened_says_so(Loss loss, String point) throws Exception {
        serve(loss);
        put(server().store(), KEY, "content");
        losing.set(point);

        assertUncertain(() -> server().store().update(KEY, it -> it.withPinned(true)));
    }

    @Test
    void a_change_that_has_not_begun_says_nothing_of_the_kind() throws Exception {
        serve(Loss.DISCONNECTED);
        put(server().store(), KEY, "content");
        losing.set("store.mark-remembered");

        assertThatThrownBy(() -> server().store().delete(KEY))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        it -> assertThat(it.problem().detail()).doesNotContain("all the same"));
    }

    private static void assertUncertain(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(ProblemException.class, it -> {
            assertThat(it.problem().code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE);
            assertThat(it.problem().detail()).contains(" all the same; look at the ");
        });
    }

    @ParameterizedTest
    @EnumSource
    void each_call_is_refused_as_store_unavailable(Loss loss) throws Exception {
        serve(loss);
        put(server().store(), KEY, "content");
        Artifact artifact = server().store().open(KEY).orElseThrow();
        StagedArtifact staged = server().store().stage(1);
        lose(loss);

        assertUnavailable(() -> server().store().list());
        assertUnavailable(() -> server().store().find(KEY));
        assertUnavailable(() -> server().store().open(KEY));
        assertUnavailable(() -> server().store().update(KEY, it -> it.withPinned(true)));
        assertUnavailable(() -> server().store().delete(KEY));
        assertUnavailable(() -> server().store().probe());
        assertUnavailable(() -> server().store().claim("run"));
        assertUnavailable(() -> artifact.open(0).readAllBytes());
        assertUnavailable(() -> {
            staged.output().write(new byte[1]);
            staged.seal();
            staged.publish(backup(new BackupKey("app_20260413_120001.db"), new byte[1]));
        });
    }

    @ParameterizedTest
    @EnumSource(names = "DISCONNECTED")
    void a_stream_that_is_open_fails_as_store_unavailable(Loss loss) throws Exception {
        serve(loss);
        put(server().store(), KEY, "content");
        try (InputStream in = server().store().open(KEY).orElseThrow().open(0)) {
            lose(loss);
            assertUnavailable(in::readAllBytes);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "DISCONNECTED")
    void a_server_that_starts_over_a_dead_file_system_does_not_take_it_for_an_empty_store(Loss loss) throws Exception {
        serve(loss);
        lose(loss);
        try (UseCasesFixture restarted = UseCasesFixture.in(
                root, Source.of(root.resolve("app.db")), Profile.NATIVE, Duration.ofSeconds(5), FailPoints.NONE)) {
            assertUnavailable(() -> restarted.store().list());
            assertUnavailable(() -> restarted.store().find(KEY));
        }
    }

    /** Loses the store at the first look. */
    private static final class Losing implements ProgressMonitor {
        private final AtomicReference<Runnable> loss;

        Losing(Runnable loss) {
            this.loss = new AtomicReference<>(loss);
        }

        @Override
        public void enter(Phase phase, long totalBytes) {}

        @Override
        public void advance(long bytes) {}

        @Override
        public void checkCancelled() {
            loss.getAndSet(() -> {}).run();
        }
    }
}
