package dev.holdfast.rest.v1.operation;

import dev.holdfast.http.access.AccessRecheck;
import dev.holdfast.http.problem.HttpCode;
import dev.holdfast.http.problem.ProblemResponses;
import dev.holdfast.http.stream.StreamSettings;
import dev.holdfast.http.stream.StreamedBody;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Opens streams of events, as many at once as the settings allow. Each ends when its client may not see it any more. */
@Singleton
final class EventStreams {
    private final StreamSettings settings;
    private final AccessRecheck stillAllowed;
    private final Semaphore places;

    EventStreams(StreamSettings settings, AccessRecheck stillAllowed) {
        this.settings = settings;
        this.stillAllowed = stillAllowed;
        this.places = new Semaphore(settings.mostWatchers());
    }

    HttpResponse<?> open(HttpRequest<?> request, StreamedBody.Source events) {
        if (!places.tryAcquire()) {
            return ProblemResponses.problem(
                    request,
                    HttpCode.TOO_MANY_STREAMS,
                    settings.mostWatchers() + " event streams are open, which is the most that "
                            + "holdfast.http.stream.most-watchers allows; close one, or ask for /api/v1/operations now "
                            + "and then.");
        }
        return HttpResponse.ok(StreamedBody.of(
                        new Placed(events, places, stillAllowed.of(request)), OptionalLong.empty(), settings.stall()))
                .contentType(MediaType.TEXT_EVENT_STREAM_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("X-Accel-Buffering", "no");
    }

    /** Gives its place back when it is closed, which the body does in every case. */
    private record Placed(StreamedBody.Source events, Semaphore places, BooleanSupplier allowed)
            implements StreamedBody.Source {
        @Override
        public byte @Nullable [] next() throws Exception {
            return allowed.getAsBoolean() ? events.next() : null;
        }

        @Override
        public void close() throws IOException {
            try (events) {
                places.release();
            }
        }
    }
}
