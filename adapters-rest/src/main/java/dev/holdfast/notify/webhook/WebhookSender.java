package dev.holdfast.notify.webhook;

import dev.holdfast.application.notice.DeliveryTally;
import dev.holdfast.application.notice.DeliveryTally.End;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes to one receiver what it is given, one after the other on a thread of its own, and tries again where that can
 * help. The log names the receiver's host and no more: the rest of an address may be a secret.
 */
final class WebhookSender {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookSender.class);

    private final String receiver;
    private final String host;
    private final HttpClient http;
    private final Backoff backoff;
    private final Pause pause;
    private final DeliveryTally tally;
    private final DeliveryQueue<Supplier<HttpRequest>> outbox = new DeliveryQueue<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    private WebhookSender(
            String receiver, String host, HttpClient http, Backoff backoff, Pause pause, DeliveryTally tally) {
        this.receiver = receiver;
        this.host = host;
        this.http = http;
        this.backoff = backoff;
        this.pause = pause;
        this.tally = tally;
        this.thread = Thread.ofVirtual().name("notices-" + receiver).unstarted(this::run);
    }

    static WebhookSender start(
            String receiver, String host, HttpClient http, Backoff backoff, Pause pause, DeliveryTally tally) {
        for (End end : End.values()) {
            tally.add(receiver, end, 0);
        }
        var courier = new WebhookSender(receiver, host, http, backoff, pause, tally);
        courier.thread.start();
        return courier;
    }

    /** @param request asked for again for each attempt */
    void take(Supplier<HttpRequest> request) {
        outbox.add(request).ifPresent(_ -> {
            tally.add(receiver, End.DROPPED, 1);
            warn("the server stops, or " + DeliveryQueue.CAPACITY + " wait already; the oldest is dropped");
        });
    }

    private void run() {
        for (var next = outbox.take(); next.isPresent(); next = outbox.take()) {
            tally.add(receiver, deliver(next.get()), 1);
        }
    }

    private End deliver(Supplier<HttpRequest> request) {
        try {
            return deliverPatiently(request);
        } catch (InterruptedException e) { // by awaitEnd, which has emptied the outbox: the thread is about to end
            warn("the server stops; given up");
            return End.FAILED;
        }
    }

    private End deliverPatiently(Supplier<HttpRequest> request) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            switch (attempt(request)) {
                case Answer.Taken() -> {
                    return End.DELIVERED;
                }
                case Answer.Refused(String why) -> {
                    warn(why + "; not tried again");
                    return End.FAILED;
                }
                case Answer.Failed(String why) -> {
                    if (!mayTryAgain(attempt, why)) {
                        return End.FAILED;
                    }
                }
            }
        }
    }

    private boolean mayTryAgain(int attempts, String why) throws InterruptedException {
        if (attempts == Backoff.ATTEMPTS) {
            warn(why + "; given up after " + attempts + " attempts");
            return false;
        }
        Duration delay = backoff.after(attempts);
        LOG.info("Notices to {} at {}: {}; the next attempt is in {}", receiver, host, why, delay);
        if (pause.endedBy(closing, delay)) {
            warn(why + "; the server stops; given up");
            return false;
        }
        return true;
    }

    private void warn(String what) {
        LOG.warn("Notices to {} at {}: {}", receiver, host, what);
    }

    /** What came of one attempt. */
    private sealed interface Answer {
        record Taken() implements Answer {}

        /** Another attempt would be answered alike. */
        record Refused(String why) implements Answer {}

        record Failed(String why) implements Answer {}

        static Answer of(int status) {
            String why = "it answered " + status;
            if (status >= 200 && status < 300) {
                return new Taken();
            }
            return status == 408 || status == 429 || status >= 500 ? new Failed(why) : new Refused(why);
        }
    }

    private Answer attempt(Supplier<HttpRequest> request) throws InterruptedException {
        try {
            // The status says all. Closing the body unread ends the exchange, however much would have followed.
            HttpResponse<InputStream> response = http.send(request.get(), BodyHandlers.ofInputStream());
            response.body().close();
            return Answer.of(response.statusCode());
        } catch (IOException e) {
            return new Answer.Failed(e.getClass().getSimpleName()); // its message may hold the address
        } catch (RuntimeException e) {
            return new Answer.Refused(e.getClass().getSimpleName());
        }
    }

    /** Takes nothing more and tries again nothing; what waits for its first attempt still gets it. */
    void beginClosing() {
        outbox.close();
        closing.countDown();
    }

    /** Waits for the thread, {@code grace} at most; then ends it. To be called after {@link #beginClosing}. */
    void awaitEnd(Duration grace) throws InterruptedException {
        if (thread.join(grace)) {
            return;
        }
        int left = outbox.clear().size();
        if (left > 0) {
            tally.add(receiver, End.DROPPED, left);
            warn("the server stops; " + left + " left unsent");
        }
        thread.interrupt();
        thread.join(Duration.ofSeconds(1));
    }
}
