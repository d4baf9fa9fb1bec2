package dev.holdfast.rest.v1.operation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.operation.Operations.Change;
import dev.holdfast.application.operation.Operations.Changes;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.http.stream.StreamSettings;
import dev.holdfast.http.stream.StreamedBody;
import dev.holdfast.rest.v1.json.OperationJson;
import dev.holdfast.rest.v1.json.OperationSnapshotJson;
import io.micronaut.json.JsonMapper;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The changes of all operations as server-sent events. Each event's id is a position to go on from. Where the client
 * cannot go on from where it was, what runs now is told first, in one event.
 */
final class AllOperationEvents implements StreamedBody.Source {
    private final Operations operations;
    private final JsonMapper json;
    private final StreamSettings settings;
    private final InstantSource clock;
    private final Optional<DatabaseName> database;
    private final Queue<Change> untold = new ArrayDeque<>();
    private final long end;
    private String position;
    private long nextLook = System.nanoTime();

    /** @param position where the client was; any text, also none */
    AllOperationEvents(
            Operations operations,
            JsonMapper json,
            StreamSettings settings,
            InstantSource clock,
            Optional<DatabaseName> database,
            String position) {
        this.operations = operations;
        this.json = json;
        this.settings = settings;
        this.clock = clock;
        this.database = database;
        this.position = position;
        this.end = System.nanoTime() + settings.renew().toNanos();
    }

    @Override
    public byte @Nullable [] next() throws IOException, InterruptedException {
        Change change = untold.poll();
        if (change != null) {
            return event("operation", change.position(), OperationJson.of(change.operation(), clock.instant()));
        }
        if (System.nanoTime() - end >= 0) {
            return null;
        }
        settle();
        Changes found = operations.awaitChanges(database, position, settings.heartbeat());
        position = found.position();
        if (found.anew()) {
            return event("snapshot", position, snapshot(found));
        }
        untold.addAll(found.changes());
        // An id without data is no event: the client only learns where it is.
        return untold.isEmpty() ? (": still here\nid: " + position + "\n\n").getBytes(UTF_8) : next();
    }

    /** Changes gather for a moment, so that the progress of several operations does not flood the client. */
    private void settle() throws InterruptedException {
        long left = nextLook - System.nanoTime();
        if (left > 0) {
            Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
        }
        nextLook = System.nanoTime() + settings.eventGap().toNanos();
    }

    private OperationSnapshotJson snapshot(Changes all) {
        Instant now = clock.instant();
        return new OperationSnapshotJson(all.changes().stream()
                .map(it -> OperationJson.of(it.operation(), now))
                .toList());
    }

    private byte[] event(String name, String id, Object data) throws IOException {
        return ("id: " + id + "\nevent: " + name + "\ndata: " + json.writeValueAsString(data) + "\n\n").getBytes(UTF_8);
    }

    @Override
    public void close() {}
}
