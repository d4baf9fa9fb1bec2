package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.filesystem.CallLimits;
import dev.holdfast.application.filesystem.FileSystems;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.operation.OperationEvents;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.bootstrap.start.Starts;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.profile.Profile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the start of one database does to the others. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class StartsTest {
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final DatabaseName BLOG = new DatabaseName("blog");
    private static final DatabaseName WIKI = new DatabaseName("wiki");

    private final InstantSource clock = InstantSource.system();
    private final OperationRunner operations = new OperationRunner(
            new InMemoryOperationLog(),
            clock,
            () -> new OperationId("op"),
            Thread.ofPlatform().daemon().factory(),
            OperationEvents.NONE,
            Duration.ZERO);
    private final FileSystems fileSystems = new FileSystems(CallLimits.USUAL, clock, _ -> {}, Map::of);
    private final Databases databases = new Databases(
            Stream.of(SHOP, BLOG, WIKI).map(StartsTest::registered).toList());

    @AfterEach
    void close() {
        operations.close();
    }

    private static RegisteredDatabase registered(DatabaseName name) {
        return new RegisteredDatabase(
                new Database(name, Source.of(Path.of("/data/" + name + ".db")), Profile.NATIVE, "app"),
                new InMemoryBackupStore());
    }

    private List<Operation> start(Map<DatabaseName, RuntimeException> failures) {
        databases.all().forEach(it -> fileSystems.add(it.database(), Path.of("/backups")));
        var starts = new Starts(fileSystems, operations, it -> {
            RuntimeException failure = failures.get(it.database().name());
            if (failure != null) {
                throw failure;
            }
            return List.of();
        });
        starts.begin(databases);
        return starts.await();
    }

    @Test
    void a_database_that_cannot_be_started_is_held_back_alone() {
        start(Map.of(
                SHOP,
                new ProblemException(new Problem.SourceNotAccessible("shop.db: too many links.")),
                BLOG,
                new UncheckedIOException(new IOException("blog: closed"))));
        assertThat(operations.heldBack(SHOP).orElseThrow().detail())
                .contains("too many links", "until the server is started again");
        assertThat(operations.heldBack(BLOG).orElseThrow().detail()).contains("blog: closed");
        assertThat(operations.heldBack(WIKI)).isEmpty();
    }

    @Test
    void a_data_directory_without_room_stops_the_start() {
        var full = new ProblemException(new Problem.InsufficientStorage("no room"));
        assertThatThrownBy(() -> start(Map.of(SHOP, full))).isSameAs(full);
    }
}
