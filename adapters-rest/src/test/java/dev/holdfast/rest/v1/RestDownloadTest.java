package dev.holdfast.rest.v1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestDownloadTest {
    private static final String PATH = "/api/v1/backup/" + OneBackupUseCases.NAME + "/download";
    private static final byte[] BYTES = OneBackupUseCases.bytes(1000);
    private static final String ETAG = "\"" + OneBackupUseCases.sha256(BYTES) + "\"";
    private static final String MODIFIED = "Mon, 13 Apr 2026 14:25:30 GMT";
    private static final String EARLIER = "Mon, 13 Apr 2026 14:25:29 GMT";

    private final RestServerFixture server = new RestServerFixture(Map.of("holdfast.http.stream.stall", "PT1S"));

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void reset() {
        server.fake.reset();
    }

    @AfterEach
    void nothing_is_left_open() throws Exception {
        RestServerFixture.await("no lease held", () -> server.fake.leases.get() == 0);
        RestServerFixture.await("no stream open", () -> server.fake.streams.get() == 0);
    }

    @Test
    void the_whole_is_sent_with_all_that_describes_it() throws Exception {
        HttpResponse<byte[]> response = server.fetch(PATH);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(BYTES);
        Map<String, String> expected = Map.of(
                "Content-Type", "application/x-sqlite3",
                "Content-Length", "1000",
                "Accept-Ranges", "bytes",
                "ETag", ETAG,
                "Last-Modified", MODIFIED,
                "Content-Disposition", "attachment; filename=\"app_20260413_142530.db\"",
                "Repr-Digest",
                        "sha-256=:"
                                + Base64.getEncoder()
                                        .encodeToString(
                                                OneBackupUseCases.sha256(BYTES).bytes()) + ":",
                "Cache-Control", "private, no-cache",
                "X-Content-Type-Options", "nosniff");
        expected.forEach((name, value) ->
                assertThat(response.headers().firstValue(name)).as(name).hasValue(value));
        assertThat(response.headers().firstValue("Transfer-Encoding")).isEmpty();
    }

    @Test
    void a_backup_of_several_pieces_arrives_whole() throws Exception {
        byte[] large = OneBackupUseCases.bytes(3_000_001);
        server.fake.hold(OneBackupUseCases.NAME, large);
        assertThat(server.fetch(PATH).body()).isEqualTo(large);
    }

    @Test
    void an_empty_one_is_empty() throws Exception {
        server.fake.hold(OneBackupUseCases.NAME, new byte[0]);
        HttpResponse<byte[]> response = server.fetch(PATH);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Length")).hasValue("0");
    }

    @Test
    void head_has_the_same_headers_and_no_body() throws Exception {
        HttpResponse<String> head = server.send("HEAD", PATH, "Range", "bytes=0-1");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        HttpResponse<byte[]> get = server.fetch(PATH);
        for (String name : new String[] {
            "Content-Type",
            "Content-Length",
            "Accept-Ranges",
            "ETag",
            "Last-Modified",
            "Content-Disposition",
            "Repr-Digest",
            "Cache-Control"
        }) {
            assertThat(head.headers().firstValue(name))
                    .as(name)
                    .isEqualTo(get.headers().firstValue(name));
        }
    }

    @ParameterizedTest(name = "{0} is bytes {1} to {2}")
    @CsvSource({
        "bytes=0-0, 0, 0",
        "bytes=0-499, 0, 499",
        "bytes=500-, 500, 999",
        "bytes=999-, 999, 999",
        "bytes=990-5000, 990, 999",
        "bytes=5-99999999999999999999999, 5, 999",
        "bytes=-1, 999, 999",
        "bytes=-1000, 0, 999",
        "bytes=-5000, 0, 999",
        "Bytes= 7-8, 7, 8",
    })
    void one_range_is_sent_alone(String range, int first, int last) throws Exception {
        HttpResponse<byte[]> response = server.fetch(PATH, "Range", range);
        assertThat(response.statusCode()).isEqualTo(206);
        assertThat(response.body()).isEqualTo(Arrays.copyOfRange(BYTES, first, last + 1));
        assertThat(response.headers().firstValue("Content-Range")).hasValue("bytes " + first + "-" + last + "/1000");
        assertThat(response.headers().firstValue("Content-Length")).hasValue(Integer.toString(last - first + 1));
        assertThat(response.headers().firstValue("Repr-Digest")).isPresent();
    }

    @ParameterizedTest(name = "{0} is ignored")
    @ValueSource(
            strings = {
                "bytes=5-4",
                "bytes=a-b",
                "bytes=-",
                "bytes",
                "bytes=1",
                "items=0-1",
                "bytes=0-1,5-6",
                "bytes=--1"
            })
    void a_range_that_is_malformed_or_one_of_several_means_the_whole(String range) throws Exception {
        HttpResponse<byte[]> response = server.fetch(PATH, "Range", range);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(BYTES);
    }

    @ParameterizedTest(name = "{0} lies outside")
    @ValueSource(strings = {"bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=99999999999999999999-"})
    void a_range_outside_is_a_problem(String range) throws Exception {
        HttpResponse<String> response = server.send("GET", PATH, "Range", range);
        assertThat(response.statusCode()).isEqualTo(416);
        assertThat(response.headers().firstValue("Content-Range")).hasValue("bytes */1000");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("\"code\":\"range-not-satisfiable\"");
    }

    @ParameterizedTest(name = "{0}: {1} is a {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    If-None-Match       | E                             | 304
                    If-None-Match       | W/E                           | 304
                    If-None-Match       | "other", E                    | 304
                    If-None-Match       | *                             | 304
                    If-None-Match       | "other"                       | 200
                    If-Match            | E                             | 200
                    If-Match            | *                             | 200
                    If-Match            | "other"                       | 412
                    If-Match            | W/E                           | 412
                    If-Modified-Since   | Mon, 13 Apr 2026 14:25:30 GMT | 304
                    If-Modified-Since   | Mon, 13 Apr 2026 14:25:29 GMT | 200
                    If-Modified-Since   | yesterday                     | 200
                    If-Unmodified-Since | Mon, 13 Apr 2026 14:25:30 GMT | 200
                    If-Unmodified-Since | Mon, 13 Apr 2026 14:25:29 GMT | 412
                    """)
    void conditions_are_kept(String name, String value, int status) throws Exception {
        HttpResponse<String> response = server.send("GET", PATH, name, value.replace("E", ETAG));
        assertThat(response.statusCode()).isEqualTo(status);
        if (status == 304) {
            assertThat(response.headers().firstValue("ETag")).hasValue(ETAG);
            assertThat(response.body()).isEmpty();
        }
        if (status == 412) {
            assertThat(response.body()).contains("\"code\":\"precondition-failed\"");
        }
    }

    @Test
    void a_range_holds_only_of_the_representation_that_the_client_has() throws Exception {
        assertThat(ranged(ETAG)).isEqualTo(206);
        assertThat(ranged(MODIFIED)).isEqualTo(206);
        assertThat(ranged("\"other\"")).isEqualTo(200);
        assertThat(ranged("W/" + ETAG)).isEqualTo(200);
        assertThat(ranged(EARLIER)).isEqualTo(200);
        assertThat(ranged("nonsense")).isEqualTo(200);
    }

    private int ranged(String ifRange) throws Exception {
        return server.fetch(PATH, "Range", "bytes=0-9", "If-Range", ifRange).statusCode();
    }

    @Test
    void a_name_beyond_ascii_comes_in_both_forms() throws Exception {
        server.fake.hold("größe \"1\".db", BYTES);
        HttpResponse<String> response = server.send("HEAD", "/api/v1/backup/gr%C3%B6%C3%9Fe%20%221%22.db/download");
        assertThat(response.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"gr__e \\\"1\\\".db\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.db");
    }

    @Test
    void a_client_that_leaves_gives_the_backup_free() throws Exception {
        server.fake.artifact.set(server.fake.new EndlessArtifact(1L << 40));
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, "GET " + PATH + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
            assertThat(server.fake.leases).hasValue(1);
            assertThat(server.fake.streams).hasValue(1);
        }
        RestServerFixture.await("the lease ended", () -> server.fake.leases.get() == 0);
    }

    @Test
    void a_client_that_takes_nothing_is_cut_off() throws Exception {
        server.fake.artifact.set(server.fake.new EndlessArtifact(1L << 40));
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, "GET " + PATH + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(socket.getInputStream().readNBytes(1)).hasSize(1);
            RestServerFixture.await("the lease ended", () -> server.fake.leases.get() == 0);
            assertThat(endsEarly(socket.getInputStream())).isTrue();
        }
    }

    @Test
    void a_pipelined_request_of_a_client_that_leaves_holds_nothing() throws Exception {
        server.fake.artifact.set(server.fake.new EndlessArtifact(1L << 40));
        try (Socket socket = server.connect()) {
            String get = "GET " + PATH + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
            RestServerFixture.write(socket, get + get);
            assertThat(socket.getInputStream().readNBytes(1)).hasSize(1);
        }
        RestServerFixture.await("the leases ended", () -> server.fake.leases.get() == 0);
    }

    @Test
    void an_artifact_that_ends_early_cuts_the_connection() throws Exception {
        server.fake.hold(OneBackupUseCases.NAME, BYTES);
        server.fake.artifact.set(new ShortArtifact(server.fake.new EndlessArtifact(500_000), 1_000_000));
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, "GET " + PATH + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(socket.getInputStream().readAllBytes().length).isLessThan(1_000_000);
        }
    }

    /** Whether the server ends a connection that could have brought a terabyte. */
    private static boolean endsEarly(InputStream in) {
        byte[] buffer = new byte[1 << 16];
        try {
            while (in.read(buffer) >= 0) {
                // what lay in the sockets' buffers
            }
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (java.io.IOException e) {
            return true;
        }
        return true;
    }

    /** Claims more bytes than there are. */
    private record ShortArtifact(dev.holdfast.application.store.Artifact actual, long size)
            implements dev.holdfast.application.store.Artifact {
        @Override
        public InputStream open(long offset) throws java.io.IOException {
            return actual.open(offset);
        }

        @Override
        public java.util.Optional<java.nio.file.Path> file() {
            return actual.file();
        }

        @Override
        public String version() {
            return actual.version();
        }
    }
}
