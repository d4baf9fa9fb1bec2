package dev.holdfast.rest.v1.operation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.http.stream.StreamSettings;
import dev.holdfast.http.stream.StreamedBody;
import dev.holdfast.rest.v1.json.OperationJson;
import io.micronaut.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An operation's changes as server-sent events: its state now, every later one as far as they are not too many, and
 * the last one, which ends the stream.
 */
final class OperationEventStream implements StreamedBody.Source {
    private static final byte[] HEARTBEAT = ": still running\n\n".getBytes(UTF_8);

    private final Operations operations;
    private final JsonMapper json;
    private final StreamSettings settings;
    private final InstantSource clock;
    private Operation latest;
    private long told;
    private boolean ended;

    /** @param seen the revision that the client has already, below 0 if none */
    OperationEventStream(
            Operations operations,
            JsonMapper json,
            StreamSettings settings,
            InstantSource clock,
            Operation current,
            long seen) {
        this.operations = operations;
        this.json = json;
        this.settings = settings;
        this.clock = clock;
        this.latest = current;
        this.told = seen;
    }

    @Override
    public byte @Nullable [] next() throws IOException, InterruptedException {
        if (ended) {
            return null;
        }
        if (latest.revision() != told) {
            return event();
        }
        if (latest.state().isFinal()) {
            return null;
        }
        Optional<Operation> changed = operations.awaitChange(latest.id(), told, settings.heartbeat());
        if (changed.isEmpty()) {
            return HEARTBEAT;
        }
        latest = changed.get();
        settle();
        return event();
    }

    /** Lets a running operation go on for a moment, so that its progress does not flood the client. */
    private void settle() throws InterruptedException {
        long until = System.nanoTime() + settings.eventGap().toNanos();
        while (!latest.state().isFinal()) {
            long left = until - System.nanoTime();
            if (left <= 0) {
                return;
            }
            operations
                    .awaitChange(latest.id(), latest.revision(), Duration.ofNanos(left))
                    .ifPresent(it -> latest = it);
        }
    }

    private byte[] event() throws IOException {
        told = latest.revision();
        ended = latest.state().isFinal();
        String data = json.writeValueAsString(OperationJson.of(latest, clock.instant()));
        return ("id: " + told + "\nevent: operation\ndata: " + data + "\n\n").getBytes(UTF_8);
    }

    @Override
    public void close() {}
}
