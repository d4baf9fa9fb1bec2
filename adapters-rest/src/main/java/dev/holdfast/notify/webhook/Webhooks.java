package dev.holdfast.notify.webhook;

import dev.holdfast.application.notice.DeliveryTally;
import dev.holdfast.application.notice.Notification;
import dev.holdfast.application.notice.Notifier;
import dev.holdfast.domain.identity.DatabaseName;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts each notice to the webhooks that want its kind, and after each success asks for the database's ping address.
 *
 * <p>A receiver has accepted a notice when it answers 2xx within 10 seconds. No connection, no answer, 408, 429 and 5xx
 * are tried again after about 1 s, 5 s, 30 s, 2 min and 10 min; any other answer, a redirect too, is final. At most 1000
 * notices wait for one receiver; beyond that the oldest is dropped. What waits is lost when the process ends.
 */
public final class Webhooks implements Notifier, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Webhooks.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration STOP_GRACE = Duration.ofSeconds(3);

    private final List<Subscription> subscriptions = new ArrayList<>();
    private final Map<DatabaseName, Pinged> pinged = new HashMap<>();
    private final InstantSource clock;
    private final Supplier<String> ids;
    private final Pace pace;
    private final Optional<HttpClient> http;

    private record Subscription(Webhook webhook, Optional<SigningKey> key, WebhookSender courier) {}

    private record Pinged(URI url, WebhookSender courier) {}

    /** What tests make shorter. */
    record Pace(Duration patience, Duration stopGrace, Pause pause) {
        static final Pace USUAL = new Pace(PATIENCE, STOP_GRACE, Pause.REAL);
    }

    /**
     * @param pings what is asked for after each success of a database
     * @param ids never the same one twice; without a dot
     */
    public static Webhooks to(
            List<Webhook> webhooks,
            Map<DatabaseName, URI> pings,
            InstantSource clock,
            Supplier<String> ids,
            RandomGenerator random,
            DeliveryTally tally) {
        return new Webhooks(webhooks, pings, clock, ids, random, tally, Pace.USUAL);
    }

    Webhooks(
            List<Webhook> webhooks,
            Map<DatabaseName, URI> pings,
            InstantSource clock,
            Supplier<String> ids,
            RandomGenerator random,
            DeliveryTally tally,
            Pace pace) {
        pings.forEach((database, url) -> {
            if (!Webhook.isAddress(url)) {
                throw new IllegalArgumentException("ping of " + database + ": not an http or https address");
            }
        });
        this.clock = clock;
        this.ids = ids;
        this.pace = pace;
        this.http = webhooks.isEmpty() && pings.isEmpty() ? Optional.empty() : Optional.of(client(pace.patience()));
        var backoff = new Backoff(random);
        http.ifPresent(client -> {
            for (Webhook webhook : webhooks) {
                var courier = WebhookSender.start(
                        webhook.name(), webhook.url().getHost(), client, backoff, pace.pause(), tally);
                subscriptions.add(new Subscription(webhook, webhook.secret().flatMap(SigningKey::parse), courier));
            }
            pings.forEach((database, url) -> {
                var courier =
                        WebhookSender.start("ping/" + database, url.getHost(), client, backoff, pace.pause(), tally);
                pinged.put(database, new Pinged(url, courier));
            });
        });
    }

    private static HttpClient client(Duration patience) {
        return HttpClient.newBuilder()
                .version(Version.HTTP_1_1)
                .followRedirects(Redirect.NEVER)
                .connectTimeout(patience)
                .build();
    }

    @Override
    public void tell(Notification notice) {
        try {
            subscriptions.stream()
                    .filter(it -> it.webhook().kinds().contains(notice.kind()))
                    .forEach(it -> post(it, notice));
            Pinged ping = notice.kind() == Notification.Kind.SUCCESS ? pinged.get(notice.database()) : null;
            if (ping != null) {
                ping.courier().take(() -> request(ping.url()).GET().build());
            }
        } catch (RuntimeException e) {
            LOG.error("a notice of database {} could not be made ready: {}", notice.database(), notice.kind(), e);
        }
    }

    /** The id and the body stay from attempt to attempt, the time and with it the signature do not. */
    private void post(Subscription subscription, Notification notice) {
        String id = ids.get();
        byte[] body = NoticeJson.of(notice);
        subscription.courier().take(() -> {
            long timestamp = clock.instant().getEpochSecond();
            HttpRequest.Builder request = request(subscription.webhook().url())
                    .header("Content-Type", "application/json")
                    .header("webhook-id", id)
                    .header("webhook-timestamp", Long.toString(timestamp))
                    .POST(BodyPublishers.ofByteArray(body));
            subscription.key().ifPresent(it -> request.header("webhook-signature", it.sign(id, timestamp, body)));
            return request.build();
        });
    }

    private HttpRequest.Builder request(URI url) {
        return HttpRequest.newBuilder(url).timeout(pace.patience()).header("User-Agent", "Holdfast");
    }

    /** Gives what waits for its first attempt a few seconds for it, then ends every thread. */
    @Override
    public void close() {
        List<WebhookSender> couriers = Stream.concat(
                        subscriptions.stream().map(Subscription::courier),
                        pinged.values().stream().map(Pinged::courier))
                .toList();
        couriers.forEach(WebhookSender::beginClosing);
        long end = System.nanoTime() + pace.stopGrace().toNanos();
        try {
            for (WebhookSender courier : couriers) {
                courier.awaitEnd(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            http.ifPresent(HttpClient::shutdownNow);
        }
    }
}
