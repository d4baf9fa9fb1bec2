package dev.holdfast.http.dialect;

import io.micronaut.core.io.buffer.ReadBuffer;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.exceptions.ContentLengthExceededException;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.web.router.RouteAttributes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * A body of fields, whole in memory. As a tree it takes a hundred times as much, so that few bytes are allowed, and fewer
 * where nobody has to have signed in: several strangers at a time must not be able to use the memory up.
 */
public final class BoundedBody {
    /** In bytes. */
    public static final int MOST = 1 << 20;

    /** In bytes, of a call that is open to everybody, such as a sign-in. */
    public static final int MOST_OF_STRANGERS = 64 << 10;

    /** How long a body is waited for. */
    public static final Duration PATIENCE = Duration.ofMinutes(1);

    private BoundedBody() {}

    /** Whether the call is open to everybody. */
    public static boolean isFromStrangers(HttpRequest<?> request) {
        return RouteAttributes.getRouteMatch(request)
                .filter(it -> Arrays.asList(it.getAnnotationMetadata().stringValues(Secured.class))
                        .contains(SecurityRule.IS_ANONYMOUS))
                .isPresent();
    }

    private static int most(HttpRequest<?> request) {
        return isFromStrangers(request) ? MOST_OF_STRANGERS : MOST;
    }

    /**
     * Waits for all of it. One that is too large is not read any further than that shows.
     *
     * @throws ContentLengthExceededException if it is larger than the call allows, which is answered by itself
     * @throws IOException if it breaks off
     * @throws TimeoutException if it has not come within a minute
     */
    public static byte[] read(HttpRequest<?> request) throws IOException, InterruptedException, TimeoutException {
        return read(request, PATIENCE);
    }

    /** As {@link #read(HttpRequest)}, but for another time than a minute. */
    public static byte[] read(HttpRequest<?> request, Duration patience)
            throws IOException, InterruptedException, TimeoutException {
        int most = most(request);
        if (request.getContentLength() > most) {
            throw new ContentLengthExceededException(most, request.getContentLength());
        }
        var body = new Collected(most);
        ((ServerHttpRequest<?>) request).byteBody().toReadBufferPublisher().subscribe(body);
        try {
            return body.whole.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ContentLengthExceededException tooLarge) {
                throw tooLarge;
            }
            throw new IOException("the request's body broke off", e.getCause());
        } finally {
            body.whole.cancel(false);
        }
    }

    /** Called by one thread at a time, as publishers promise; what comes after the end is thrown away. */
    private static final class Collected implements Subscriber<ReadBuffer> {
        private final int most;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private @Nullable Subscription subscription;

        Collected(int most) {
            this.most = most;
        }

        @Override
        public void onSubscribe(Subscription newSubscription) {
            subscription = newSubscription;
            newSubscription.request(1);
        }

        @Override
        public void onNext(ReadBuffer piece) {
            try (piece) {
                int size = piece.readable();
                if (whole.isDone() || subscription == null) {
                    cancel();
                } else if (size > most - bytes.size()) {
                    whole.completeExceptionally(new ContentLengthExceededException(most, (long) bytes.size() + size));
                    cancel();
                } else {
                    byte[] content = new byte[size];
                    piece.toArray(content, 0);
                    bytes.writeBytes(content);
                    subscription.request(1);
                }
            }
        }

        private void cancel() {
            if (subscription != null) {
                subscription.cancel();
            }
        }

        @Override
        public void onError(Throwable thrown) {
            whole.completeExceptionally(thrown);
        }

        @Override
        public void onComplete() {
            whole.complete(bytes.toByteArray());
        }
    }
}
