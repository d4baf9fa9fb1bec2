package dev.holdfast.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKMatcher;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.testkit.ProviderKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With a real server in the provider's place: slow, endless, flooded, or not there. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class PublishedKeysTest {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final JWKMatcher KNOWN = withId("ec");
    private static final JWKMatcher UNKNOWN = withId("other");

    private final String set =
            "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"%s\",\"crv\":\"P-256\"," + new ProviderKeys().ecMembers() + "}]}";
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong nanoTime = new AtomicLong();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile Answer answer = exchange -> send(exchange, 200, set.formatted("ec"));
    private HttpServer provider;
    private PublishedKeys keys;

    private interface Answer {
        void give(HttpExchange exchange) throws Exception;
    }

    @BeforeEach
    void start() throws Exception {
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.setExecutor(threads);
        provider.createContext("/jwks", exchange -> {
            requests.incrementAndGet();
            try (exchange) {
                answer.give(exchange);
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        });
        provider.start();
        keys = keys(BOUND);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        provider.stop(0);
    }

    private PublishedKeys keys(Duration maxTime) {
        URI url = URI.create("http://127.0.0.1:" + provider.getAddress().getPort() + "/jwks");
        return new PublishedKeys(new BoundedJwksClient(maxTime), url, nanoTime::get);
    }

    private static JWKMatcher withId(String id) {
        return new JWKMatcher.Builder().keyID(id).build();
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + BOUND.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("half a minute has passed").isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    private void advance(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }

    private boolean isFound(JWKMatcher matcher) {
        return !keys.matching(matcher).isEmpty();
    }

    /** Each in a thread of its own. */
    private List<Boolean> areFound(JWKMatcher matcher, int count) throws Exception {
        var all = new ArrayList<Future<Boolean>>();
        for (int i = 0; i < count; i++) {
            all.add(threads.submit(() -> isFound(matcher)));
        }
        var found = new ArrayList<Boolean>();
        for (Future<Boolean> each : all) {
            found.add(each.get());
        }
        return found;
    }

    /** @return counted down when the connection is closed */
    private CountDownLatch answerWithoutEnd(byte[] part, Duration pause) {
        var cutOff = new CountDownLatch(1);
        answer = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                do {
                    exchange.getResponseBody().write(part);
                    exchange.getResponseBody().flush();
                } while (!cutOff.await(pause.toMillis(), TimeUnit.MILLISECONDS));
            } finally {
                cutOff.countDown();
            }
        };
        return cutOff;
    }

    @Test
    void a_known_key_is_read_once_and_again_after_its_time() {
        for (int i = 0; i < 100; i++) {
            assertThat(isFound(KNOWN)).isTrue();
        }
        assertThat(requests).hasValue(1);

        advance(PublishedKeys.KEPT.minusNanos(1));
        assertThat(isFound(KNOWN)).isTrue();
        assertThat(requests).hasValue(1);
        advance(Duration.ofNanos(1));
        answer = exchange -> send(exchange, 200, set.formatted("newer"));
        assertThat(isFound(KNOWN)).as("a key that was withdrawn").isFalse();
        assertThat(isFound(withId("newer"))).isTrue();
    }

    @Test
    void many_threads_that_need_the_first_set_wait_for_one_reading() throws Exception {
        var asked = new CountDownLatch(1);
        answer = exchange -> {
            asked.countDown();
            await(() -> keys.waiting() == 199);
            send(exchange, 200, set.formatted("ec"));
        };
        assertThat(areFound(KNOWN, 200)).containsOnly(true);
        assertThat(asked.getCount()).isZero();
        assertThat(requests).hasValue(1);
    }

    @Test
    void an_unknown_key_id_from_many_threads_is_read_once_and_no_key_that_is_known_waits_for_it() throws Exception {
        assertThat(isFound(KNOWN)).isTrue();
        var release = new CountDownLatch(1);
        answer = exchange -> {
            release.await();
            send(exchange, 200, set.formatted("ec"));
        };
        Future<List<Boolean>> unknown = threads.submit(() -> areFound(UNKNOWN, 200));
        await(() -> requests.get() == 2 && keys.waiting() == 199);
        assertThat(isFound(KNOWN)).isTrue();
        release.countDown();

        assertThat(unknown.get()).containsOnly(false);
        assertThat(requests).as("one reading for all of them").hasValue(2);
    }

    @Test
    void unknown_key_ids_one_after_the_other_are_read_at_most_twice_in_their_interval() {
        assertThat(isFound(KNOWN)).isTrue();
        for (int i = 0; i < 50; i++) {
            assertThat(isFound(withId("id " + i))).isFalse();
        }
        assertThat(requests).hasValue(1 + PublishedKeys.MAX_READINGS);

        advance(PublishedKeys.INTERVAL);
        answer = exchange -> send(exchange, 200, set.formatted("other"));
        assertThat(isFound(UNKNOWN)).as("a key that has been published since").isTrue();
    }

    @Test
    void an_answer_that_never_ends_has_a_bound_in_time() throws Exception {
        keys = keys(Duration.ofMillis(300));
        CountDownLatch cutOff = answerWithoutEnd(new byte[] {' '}, Duration.ofMillis(20));

        assertThat(isFound(KNOWN)).isFalse();
        assertThat(cutOff.await(BOUND.toSeconds(), TimeUnit.SECONDS))
                .as("the connection is closed")
                .isTrue();
    }

    @Test
    void a_provider_that_says_nothing_has_a_bound_in_time() {
        keys = keys(Duration.ofMillis(300));
        var never = new CountDownLatch(1);
        answer = _ -> never.await(BOUND.toSeconds(), TimeUnit.SECONDS);

        assertThat(isFound(KNOWN)).isFalse();
    }

    @Test
    void an_answer_that_is_too_long_is_not_read_to_its_end() throws Exception {
        CountDownLatch cutOff = answerWithoutEnd(" ".repeat(64 * 1024).getBytes(UTF_8), Duration.ZERO);

        assertThat(isFound(KNOWN)).isFalse();
        assertThat(cutOff.await(BOUND.toSeconds(), TimeUnit.SECONDS))
                .as("the connection is closed")
                .isTrue();
    }

    @Test
    void an_answer_of_the_largest_size_is_read_and_one_byte_more_is_not() {
        String text = set.formatted("ec");
        answer = exchange -> send(exchange, 200, text + " ".repeat(BoundedJwksClient.MAX_BYTES - text.length()));
        assertThat(isFound(KNOWN)).isTrue();

        advance(PublishedKeys.KEPT);
        answer = exchange -> send(exchange, 200, text + " ".repeat(BoundedJwksClient.MAX_BYTES - text.length() + 1));
        assertThat(isFound(KNOWN)).isFalse();
    }

    @Test
    void what_is_no_key_set_gives_no_keys_until_there_is_one() {
        for (Answer wrong : List.<Answer>of(
                exchange -> send(exchange, 500, set.formatted("ec")),
                exchange -> send(exchange, 404, set.formatted("ec")),
                exchange -> send(exchange, 200, "<html>"),
                exchange -> send(exchange, 200, "[]"),
                exchange -> send(exchange, 200, "{\"keys\":7}"),
                exchange -> send(exchange, 200, ""))) {
            answer = wrong;
            assertThat(isFound(KNOWN)).isFalse();
            advance(PublishedKeys.INTERVAL);
        }

        answer = exchange -> send(exchange, 200, set.formatted("ec"));
        assertThat(isFound(KNOWN)).isTrue();
    }

    @Test
    void a_provider_that_cannot_be_reached_is_asked_at_most_twice_in_an_interval() {
        answer = exchange -> send(exchange, 503, "");
        for (int i = 0; i < 50; i++) {
            assertThat(isFound(KNOWN)).isFalse();
        }
        assertThat(requests).hasValue(PublishedKeys.MAX_READINGS);
    }

    @Test
    void a_flood_of_unknown_key_ids_does_not_keep_the_known_keys_from_being_read_again() {
        assertThat(isFound(KNOWN)).isTrue();
        advance(PublishedKeys.KEPT.minusSeconds(1));
        answer = exchange -> send(exchange, 503, "");
        for (int i = 0; i < 5; i++) {
            assertThat(isFound(UNKNOWN)).isFalse();
        }
        advance(Duration.ofSeconds(1));
        answer = exchange -> send(exchange, 200, set.formatted("ec"));

        assertThat(isFound(KNOWN)).isTrue();
    }
}
