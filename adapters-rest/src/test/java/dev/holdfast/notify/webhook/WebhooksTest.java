package dev.holdfast.notify.webhook;

import static java.util.stream.IntStream.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.notice.Notification;
import dev.holdfast.application.notice.Notification.Kind;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.notify.webhook.Webhooks.Pace;
import dev.holdfast.testkit.WebhookReceiver;
import dev.holdfast.testkit.WebhookReceiver.Received;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class WebhooksTest {
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final DatabaseName OTHER = new DatabaseName("other");
    private static final Instant NOON = Instant.parse("2026-04-13T12:00:00Z");
    private static final String SECRET = "a secret of more than 24 bytes";
    private static final long BEGIN = 1_800_000_000L;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();
    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    private final AtomicLong seconds = new AtomicLong(BEGIN);
    private final AtomicInteger id = new AtomicInteger();

    private Duration patience = Duration.ofSeconds(20);
    private Duration stopGrace = Duration.ofSeconds(20);
    private Pause pause = (closing, duration) -> {
        pauses.add(duration);
        return closing.getCount() == 0;
    };

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable it : open.reversed()) {
            it.close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    private Webhooks webhooks(List<Webhook> webhooks, Map<DatabaseName, URI> pings) {
        InstantSource aSecondLaterEachTime = () -> Instant.ofEpochSecond(seconds.getAndIncrement());
        return opened(new Webhooks(
                webhooks,
                pings,
                aSecondLaterEachTime,
                () -> "msg_" + id.incrementAndGet(),
                () -> 0, // the least of each delay
                (receiver, end, number) -> range(0, number).forEach(_ -> ends.add(receiver + " " + end)),
                new Pace(patience, stopGrace, pause)));
    }

    private Webhooks to(WebhookReceiver receiver) {
        return webhooks(List.of(webhook("ops", receiver)), Map.of());
    }

    private static Webhook webhook(String name, WebhookReceiver receiver) {
        return new Webhook(name, receiver.url("/hook?key=k"), Optional.of(SECRET), Set.of(Kind.values()));
    }

    private static Notification notice(Kind kind) {
        return notice(kind, SHOP, "It \"happened\".");
    }

    private static Notification notice(Kind kind, DatabaseName database, String text) {
        return new Notification(
                kind,
                database,
                NOON,
                text,
                Optional.of(new OperationId("op-1")),
                Optional.of(new BackupKey("app_ä.db")));
    }

    private String nextEnd() throws InterruptedException {
        String end = ends.poll(20, TimeUnit.SECONDS);
        return end == null ? "nothing ended" : end;
    }

    @Test
    void a_notice_is_posted_as_json() throws Exception {
        WebhookReceiver receiver = opened(WebhookReceiver.answering(204));

        to(receiver).tell(notice(Kind.CORRUPT));

        Received sent = receiver.await();
        assertThat(sent.method()).isEqualTo("POST");
        assertThat(sent.path()).hasToString("/hook?key=k");
        assertThat(sent.header("Content-Type")).isEqualTo("application/json");
        assertThat(sent.body())
                .isEqualTo("{\"event\":\"corrupt\",\"database\":\"shop\",\"at\":\"2026-04-13T12:00:00Z\","
                        + "\"text\":\"It \\\"happened\\\".\",\"operation\":\"op-1\",\"backup\":\"app_ä.db\"}");
        assertThat(nextEnd()).isEqualTo("ops DELIVERED");
    }

    @Test
    void what_a_notice_is_not_about_is_null() throws Exception {
        WebhookReceiver receiver = opened(WebhookReceiver.answering(200));

        to(receiver).tell(new Notification(Kind.MISSED, SHOP, NOON, "Late.", Optional.empty(), Optional.empty()));

        assertThat(receiver.await().body()).endsWith("\"text\":\"Late.\",\"operation\":null,\"backup\":null}");
    }

    @Test
    void each_attempt_is_signed_anew_for_its_time_under_the_id_that_stays() throws Exception {
        WebhookReceiver receiver = opened(WebhookReceiver.answering(503, 429, 408, 200));

        to(receiver).tell(notice(Kind.FAILURE));

        List<Received> sent = receiver.await(4);
        assertThat(nextEnd()).isEqualTo("ops DELIVERED");
        assertThat(sent).extracting(it -> it.header("webhook-id")).containsOnly("msg_1");
        assertThat(sent).extracting(Received::body).containsOnly(sent.getFirst().body());
        assertThat(sent)
                .extracting(it -> Long.valueOf(it.header("webhook-timestamp")))
                .containsExactly(BEGIN, BEGIN + 1, BEGIN + 2, BEGIN + 3);
        for (Received it : sent) {
            assertThat(it.header("webhook-signature")).isEqualTo(it.signature(SECRET));
        }
        assertThat(pauses).containsExactly(Duration.ofMillis(800), Duration.ofSeconds(4), Duration.ofSeconds(24));
    }

    @Test
    void without_a_secret_nothing_is_signed() throws Exception {
        WebhookReceiver receiver = opened(WebhookReceiver.answering(200));
        var unsigned = new Webhook("ops", receiver.url("/hook?key=k"), Optional.empty(), Set.of(Kind.FAILURE));

        webhooks(List.of(unsigned), Map.of()).tell(notice(Kind.FAILURE));

        Received sent = receiver.await();
        assertThat(sent.headers()).doesNotContainKey("Webhook-signature").containsKey("Webhook-id");
    }

    @Test
    void a_receiver_that_goes_on_failing_is_given_up_and_the_next_notice_is_tried() throws Exception {
        WebhookReceiver receiver = opened(WebhookReceiver.answering(500, 500, 500, 500, 500, 500, 200));
        Webhooks webhooks = to(receiver);

        webhooks.tell(notice(Kind.FAILURE));
        webhooks.tell(notice(Kind.SUCCESS));

        assertThat(nextEnd()).isEqualTo("ops FAILED");
        assertThat(nextEnd()).isEqualTo("ops DELIVERED");
        assertThat(receiver.await(7))
                .extracting(it -> it.header("webhook-id"))
                .containsExactly("msg_1", "msg_1", "msg_1", "msg_1", "msg_1", "msg_1", "msg_2");
        assertThat(pauses)
                .containsExactly(
                        Duration.ofMillis(800),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(24),
                        Duration.ofSeconds(96),
                        Duration.ofSeconds(480));
    }

    @Test
    void a_receiver_that_is_not_there_is_tried_again() throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        var nobody = new Webhook(
                "ops", URI.create("http://127.0.0.1:" + port + "/"), Optional.empty(), Set.of(Kind.FAILURE));

        webhooks(List.of(nobody), Map.of()).tell(notice(Kind.FAILURE));

        assertThat(nextEnd()).isEqualTo("ops FAILED");
        assertThat(pauses).hasSize(5);
    }

    @Test
    void a_receiver_that_never_answers_is_tried_again() throws Exception {
        var never = new CountDownLatch(1);
        WebhookReceiver receiver = opened(new WebhookReceiver(_ -> never.await()));
        patience = Duration.ofMillis(200);

        to(receiver).tell(notice(Kind.FAILURE));

        assertThat(nextEnd()).isEqualTo("ops FAILED");
        assertThat(receiver.await(6)).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {304, 400, 401, 404, 410, 422})
    void an_answer_that_would_not_change_is_final(int status) throws Exception {
        WebhookReceiver receiver = opened(WebhookReceiver.answering(status));

        to(receiver).tell(notice(Kind.FAILURE));

        assertThat(nextEnd()).isEqualTo("ops FAILED");
        assertThat(receiver.await(1)).hasSize(1);
        assertThat(receiver.more()).isZero();
        assertThat(pauses).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void a_redirect_is_not_followed(int status) throws Exception {
        WebhookReceiver elsewhere = opened(WebhookReceiver.answering(200));
        WebhookReceiver receiver = opened(new WebhookReceiver(exchange -> {
            exchange.getResponseHeaders()
                    .add("Location", elsewhere.url("/hook?key=k").toString());
            exchange.sendResponseHeaders(status, -1);
        }));

        to(receiver).tell(notice(Kind.FAILURE));

        assertThat(nextEnd()).isEqualTo("ops FAILED");
        assertThat(receiver.await(1)).hasSize(1);
        assertThat(elsewhere.more()).isZero();
    }

    @Test
    void a_slow_receiver_delays_nobody_else() throws Exception {
        var release = new CountDownLatch(1);
        WebhookReceiver slow = opened(new WebhookReceiver(exchange -> {
            release.await();
            exchange.sendResponseHeaders(200, -1);
        }));
        WebhookReceiver fast = opened(WebhookReceiver.answering(200));
        Webhooks webhooks = webhooks(List.of(webhook("slow", slow), webhook("fast", fast)), Map.of());

        webhooks.tell(notice(Kind.FAILURE));
        webhooks.tell(notice(Kind.SUCCESS));

        slow.await();
        assertThat(nextEnd()).isEqualTo("fast DELIVERED");
        assertThat(nextEnd()).isEqualTo("fast DELIVERED");
        release.countDown();
        assertThat(nextEnd()).isEqualTo("slow DELIVERED");
        assertThat(nextEnd()).isEqualTo("slow DELIVERED");
    }

    @Test
    void an_endless_answer_is_not_read() throws Exception {
        var written = new CompletableFuture<Long>();
        long plenty = 2L << 30;
        WebhookReceiver receiver = opened(new WebhookReceiver(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            long sum = 0;
            byte[] block = new byte[1 << 16];
            try (OutputStream body = exchange.getResponseBody()) {
                for (; sum < plenty; sum += block.length) {
                    body.write(block);
                }
            } finally {
                written.complete(sum);
            }
        }));

        to(receiver).tell(notice(Kind.FAILURE));

        assertThat(nextEnd()).isEqualTo("ops DELIVERED");
        assertThat(written.get(20, TimeUnit.SECONDS)).isLessThan(64L << 20);
    }

    @Test
    void beyond_a_thousand_the_oldest_is_dropped_and_telling_goes_on() throws Exception {
        var release = new CountDownLatch(1);
        WebhookReceiver receiver = opened(new WebhookReceiver(exchange -> {
            release.await();
            exchange.sendResponseHeaders(200, -1);
        }));
        Webhooks webhooks = to(receiver);
        webhooks.tell(notice(Kind.FAILURE));
        assertThat(receiver.await().header("webhook-id")).isEqualTo("msg_1");

        range(0, DeliveryQueue.CAPACITY + 3).forEach(_ -> webhooks.tell(notice(Kind.FAILURE)));

        assertThat(List.of(nextEnd(), nextEnd(), nextEnd())).containsOnly("ops DROPPED");
        assertThat(ends).isEmpty();
        release.countDown();
        assertThat(receiver.await(DeliveryQueue.CAPACITY))
                .extracting(it -> it.header("webhook-id"))
                .containsExactlyElementsOf(range(5, 5 + DeliveryQueue.CAPACITY)
                        .mapToObj(it -> "msg_" + it)
                        .toList());
    }

    @Test
    void a_webhook_gets_the_kinds_it_wants() throws Exception {
        WebhookReceiver receiver = opened(WebhookReceiver.answering(200));
        var choosy =
                new Webhook("ops", receiver.url("/hook?key=k"), Optional.empty(), Set.of(Kind.MISSED, Kind.CORRUPT));
        Webhooks webhooks = webhooks(List.of(choosy), Map.of());

        for (Kind kind : Kind.values()) {
            webhooks.tell(notice(kind));
        }
        webhooks.close(); // what was to be sent is sent

        assertThat(receiver.await(2).stream().map(Received::body).collect(Collectors.joining()))
                .contains("\"event\":\"missed\"", "\"event\":\"corrupt\"");
        assertThat(receiver.more()).isZero();
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = "SUCCESS", mode = EnumSource.Mode.EXCLUDE)
    void the_ping_address_hears_of_a_success_of_its_database_and_of_nothing_else(Kind other) throws Exception {
        WebhookReceiver receiver = opened(WebhookReceiver.answering(500, 200));
        Webhooks webhooks = webhooks(List.of(), Map.of(SHOP, receiver.url("/hook?key=k")));

        webhooks.tell(notice(other));
        webhooks.tell(notice(Kind.SUCCESS, OTHER, "Not this one."));
        webhooks.tell(notice(Kind.SUCCESS));

        assertThat(nextEnd()).isEqualTo("ping/shop DELIVERED");
        webhooks.close();
        assertThat(receiver.await(2))
                .allSatisfy(
                        ping -> { // the first attempt failed
                            assertThat(ping.method()).isEqualTo("GET");
                            assertThat(ping.path()).hasToString("/hook?key=k");
                            assertThat(ping.body()).isEmpty();
                        });
        assertThat(receiver.more()).isZero();
        assertThat(pauses).hasSize(1);
    }

    @Test
    void closing_sends_what_waits_for_its_first_attempt_and_tries_nothing_again() throws Exception {
        WebhookReceiver receiver = opened(WebhookReceiver.answering(500));
        pause = (closing, _) -> {
            closing.await();
            return true;
        };
        Webhooks webhooks = to(receiver);
        range(0, 3).forEach(_ -> webhooks.tell(notice(Kind.FAILURE)));
        receiver.await();

        webhooks.close();

        assertThat(receiver.await(2)).extracting(it -> it.header("webhook-id")).containsExactly("msg_2", "msg_3");
        assertThat(receiver.more()).isZero();
        assertThat(ends).containsExactly("ops FAILED", "ops FAILED", "ops FAILED");
    }

    @Test
    void closing_waits_for_no_receiver_longer_than_its_grace() throws Exception {
        var never = new CountDownLatch(1);
        WebhookReceiver receiver = opened(new WebhookReceiver(_ -> never.await()));
        stopGrace = Duration.ofMillis(50);
        patience = Duration.ofHours(1);
        Webhooks webhooks = to(receiver);
        range(0, 3).forEach(_ -> webhooks.tell(notice(Kind.FAILURE)));
        receiver.await();

        webhooks.close();

        assertThat(List.of(nextEnd(), nextEnd(), nextEnd()))
                .containsExactlyInAnyOrder("ops DROPPED", "ops DROPPED", "ops FAILED");
        assertThat(receiver.more()).isZero();
    }

    @Test
    void after_closing_a_notice_is_dropped() throws Exception {
        WebhookReceiver receiver = opened(WebhookReceiver.answering(200));
        Webhooks webhooks = to(receiver);
        webhooks.close();

        webhooks.tell(notice(Kind.FAILURE));

        assertThat(nextEnd()).isEqualTo("ops DROPPED");
        assertThat(receiver.more()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://host/",
                "file:///etc/passwd",
                "http:///path",
                "//host/",
                "https://user:word@host/",
                "http://host:70000/"
            })
    void only_http_addresses_can_be_told(String url) {
        assertThatThrownBy(() -> new Webhook("ops", URI.create(url), Optional.empty(), Set.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining(url);
        assertThatThrownBy(() -> webhooks(List.of(), Map.of(SHOP, URI.create(url))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining(url);
    }

    @Test
    void neither_address_nor_secret_is_in_a_text() {
        var webhook =
                new Webhook("ops", URI.create("https://host.example/token"), Optional.of(SECRET), Set.of(Kind.FAILURE));

        assertThat(webhook.toString()).doesNotContain("token", SECRET).contains("ops");
    }
}
