package dev.holdfast.http.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.access.AccessServerFixture;
import dev.holdfast.http.request.NginxProxy.Logged;
import dev.holdfast.http.request.NginxProxy.Way;
import dev.holdfast.http.request.SeenRequests.Seen;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** nginx gives each request that it reads a number. A request without one came out of the body of another request. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class MessagesThroughNginxTest {
    private static final String HIDDEN = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String LAST = "GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    private static final int OTHERS = 20;

    private final SeenRequests requests = new SeenRequests();

    @Test
    void no_request_reaches_a_handler_that_nginx_did_not_see(@TempDir Path folder) throws Exception {
        List<Logged> logged;
        try (var server = AccessServerFixture.start(
                        true, (context, _) -> context.registerSingleton(SeenRequests.class, requests));
                var nginx = NginxProxy.start(folder, server.port)) {
            sendAll(nginx);
            assertThatOthersGetTheirAnswers(nginx);
            logged = nginx.stop();
        }

        Map<String, Logged> byNumber = logged.stream().collect(Collectors.toMap(Logged::number, Function.identity()));
        assertThat(requests.all()).extracting(Seen::number).doesNotHaveDuplicates();
        assertThat(requests.all())
                .allSatisfy(it -> assertThat(byNumber.get(it.number()))
                        .as(it.toString())
                        .isEqualTo(new Logged(it.number(), it.method(), it.address())));
        assertThat(requests.all())
                .extracting(Seen::address)
                .contains("/last", "/other/0")
                .doesNotContain("/hidden");
    }

    private static void sendAll(NginxProxy nginx) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (AmbiguousMessages.Message message : AmbiguousMessages.ALL) {
                for (Way way : Way.values()) {
                    answers.add(threads.submit(() -> nginx.exchange(way, message.text() + LAST)));
                }
            }
            for (String end : List.of("0\r\n\r\n", "1\r\nx\r\n0\r\n\r\n", "\r\n", "")) {
                String body = end + HIDDEN + HIDDEN;
                String message = "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body;
                for (Way way : Way.values()) {
                    answers.add(threads.submit(() -> nginx.exchange(way, message + LAST)));
                }
            }
            for (Future<String> answer : answers) {
                answer.get();
            }
        }
    }

    /** An answer too many would come to the next request on the connection that nginx uses again. */
    private static void assertThatOthersGetTheirAnswers(NginxProxy nginx) throws Exception {
        for (int i = 0; i < OTHERS; i++) {
            boolean unknown = i % 2 == 0;
            String line = unknown ? "GET /other/" + i : "DELETE /api/v1/auth/login";
            String answer =
                    nginx.exchange(Way.STREAMED, line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertThat(answer).startsWith("HTTP/1.1 " + (unknown ? "404 " : "405 "));
            assertThat(answer.split("HTTP/1\\.1 \\d", -1)).hasSize(2);
        }
    }
}
