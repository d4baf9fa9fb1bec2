package dev.holdfast.http.dialect;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.AdministerAccounts.Change;
import dev.holdfast.application.access.AdministerAccounts.NewToken;
import dev.holdfast.domain.access.Role;
import dev.holdfast.http.access.AccessServerFixture;
import dev.holdfast.http.access.Exchange;
import dev.holdfast.testkit.JwtText;
import dev.holdfast.testkit.TokenCase;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Every token that this server signs: with each claim missing, wrong and right, and in the place of each other. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenTableTest {
    private static final String NATIVE = "/api/v1/backup/" + CopiedInBackup.NAME;
    private static final String POCKETBASE = "/pocketbase/api/collections/_superusers/auth-with-password";
    private static final String DISPATCHARR = "/dispatcharr/api/accounts/token/";

    private final DialectServer server = DialectServer.start(true);

    @AfterAll
    void stop() {
        server.close();
    }

    private Exchange post(String path, String body, String... headers) {
        return Exchange.post(server.http.port, path, body, headers);
    }

    private static String bearer(String token) {
        return "Authorization: Bearer " + token;
    }

    private String user(String field) {
        return "{\"" + field + "\":\"ann\",\"password\":\"password of ann\"}";
    }

    private String signIn() {
        return server.http.bearer("ann").substring("Authorization: Bearer ".length());
    }

    private String serviceToken() {
        server.http.administer.revokeToken("script");
        return server.http.administer.createToken("script", Role.ADMIN, Optional.of(Duration.ofHours(1)))
                        instanceof Change.Made<NewToken>(NewToken made)
                ? made.text()
                : "";
    }

    private String pocketBase() {
        return post(POCKETBASE, user("identity")).member("token");
    }

    /** One of each kind, by its name. */
    private Map<String, String> tokens() {
        var tokens = new LinkedHashMap<String, String>();
        tokens.put("sign-in", signIn());
        tokens.put("service", serviceToken());
        tokens.put(
                "download",
                post(NATIVE + "/download-token", "", bearer(signIn())).member("token"));
        tokens.put("pocketbase-auth", pocketBase());
        tokens.put(
                "pocketbase-file",
                post("/pocketbase/api/files/token", "", bearer(pocketBase())).member("token"));
        tokens.put(
                "pocketbase-backup",
                post("/pocketbase/api/backups/" + CopiedInBackup.NAME + "/download-token", "", bearer(pocketBase()))
                        .member("token"));
        tokens.put("jobops", post("/jobops/api/auth/login", user("username")).member("token"));
        Exchange dispatcharr = post(DISPATCHARR, user("username"));
        tokens.put("dispatcharr-access", dispatcharr.member("access"));
        tokens.put("dispatcharr-refresh", dispatcharr.member("refresh"));
        return tokens;
    }

    /** Where a token may stand. */
    private enum Place {
        NATIVE_HEADER,
        NATIVE_ADDRESS,
        POCKETBASE_HEADER,
        POCKETBASE_ADDRESS,
        JOBOPS_HEADER,
        DISPATCHARR_HEADER,
        DISPATCHARR_REFRESH
    }

    /** The status that a token gets there. */
    private int status(Place place, String token) {
        return switch (place) {
            case NATIVE_HEADER -> status(NATIVE + "/download", bearer(token));
            case NATIVE_ADDRESS -> status(NATIVE + "/download?token=" + token);
            case POCKETBASE_HEADER -> status("/pocketbase/api/settings", bearer(token));
            case POCKETBASE_ADDRESS -> status("/pocketbase/api/backups/" + CopiedInBackup.NAME + "?token=" + token);
            case JOBOPS_HEADER -> status("/jobops/api/settings", bearer(token));
            case DISPATCHARR_HEADER -> status("/dispatcharr/api/backups/schedule/", bearer(token));
            case DISPATCHARR_REFRESH ->
                post(DISPATCHARR + "refresh/", "{\"refresh\":\"" + token + "\"}")
                        .status();
        };
    }

    private int status(String path, String... headers) {
        return server.http.get(path, headers).status();
    }

    /** The statuses of each kind in the order of {@link Place}. */
    private static final Map<String, List<Integer>> TABLE = Map.ofEntries(
            Map.entry("sign-in", List.of(200, 401, 200, 403, 200, 200, 401)),
            Map.entry("service", List.of(200, 401, 200, 403, 200, 200, 401)),
            Map.entry("download", List.of(401, 200, 401, 403, 401, 401, 401)),
            Map.entry("pocketbase-auth", List.of(401, 401, 200, 403, 401, 401, 401)),
            Map.entry("pocketbase-file", List.of(401, 401, 401, 200, 401, 401, 401)),
            Map.entry("pocketbase-backup", List.of(401, 401, 401, 200, 401, 401, 401)),
            Map.entry("jobops", List.of(401, 401, 401, 403, 200, 401, 401)),
            Map.entry("dispatcharr-access", List.of(401, 401, 401, 403, 401, 200, 401)),
            Map.entry("dispatcharr-refresh", List.of(401, 401, 401, 403, 401, 401, 200)));

    @Test
    void each_kind_counts_in_its_own_places_only() {
        Map<String, List<Integer>> statuses = tokens().entrySet().stream()
                .collect(toMap(
                        Map.Entry::getKey,
                        token -> Stream.of(Place.values())
                                .map(place -> status(place, token.getValue()))
                                .toList()));

        assertThat(statuses).containsExactlyInAnyOrderEntriesOf(TABLE);
    }

    private void assertOutcomes(List<TokenCase> cases, Place place) {
        assertThat(cases)
                .as(place.name())
                .allSatisfy(it -> assertThat(status(place, it.token()) == 200)
                        .as("status 200 for: " + it.what())
                        .isEqualTo(it.taken()));
        assertThat(cases.size()).isGreaterThan(40);
    }

    private JwtText parsed(String kind) {
        return JwtText.parse(tokens().getOrDefault(kind, ""));
    }

    @Test
    void a_sign_ins_token_with_each_claim_missing_wrong_and_right() {
        List<TokenCase> cases =
                TokenCase.ofSignIn(parsed("sign-in"), AccessServerFixture.SECRET, server.http.clock.instant());
        for (Place place :
                List.of(Place.NATIVE_HEADER, Place.POCKETBASE_HEADER, Place.JOBOPS_HEADER, Place.DISPATCHARR_HEADER)) {
            assertOutcomes(cases, place);
        }
    }

    @Test
    void a_download_token_with_each_claim_missing_wrong_and_right() {
        assertOutcomes(
                TokenCase.ofAddress(
                        parsed("download"),
                        AccessServerFixture.SECRET,
                        server.http.clock.instant(),
                        "sub",
                        "holder_mark",
                        "database",
                        "filename",
                        "created_at",
                        "sha256"),
                Place.NATIVE_ADDRESS);
    }

    @Test
    void a_dialects_token_with_each_claim_missing_wrong_and_right() {
        Map.of(
                        "pocketbase-auth", Place.POCKETBASE_HEADER,
                        "jobops", Place.JOBOPS_HEADER,
                        "dispatcharr-access", Place.DISPATCHARR_HEADER,
                        "dispatcharr-refresh", Place.DISPATCHARR_REFRESH)
                .forEach((kind, place) -> assertOutcomes(
                        TokenCase.ofDialect(parsed(kind), AccessServerFixture.SECRET, server.http.clock.instant()),
                        place));
    }

    /** A token begins after the second that it names, and has ended with the one that it names. */
    @Test
    void the_second_of_the_beginning_and_the_second_of_the_end_do_not_count() {
        JwtText good = parsed("sign-in");
        long now = server.http.clock.instant().getEpochSecond();
        var signature = JwtText.Signature.secret(AccessServerFixture.SECRET, 256);

        assertThat(status(Place.NATIVE_HEADER, good.claim("nbf", now).signed(signature)))
                .isEqualTo(401);
        assertThat(status(Place.NATIVE_HEADER, good.claim("nbf", now - 1).signed(signature)))
                .isEqualTo(200);
        assertThat(status(Place.NATIVE_HEADER, good.claim("exp", now).signed(signature)))
                .isEqualTo(401);
        assertThat(status(Place.NATIVE_HEADER, good.claim("exp", now + 1).signed(signature)))
                .isEqualTo(200);
    }

    @Test
    void the_servers_clock_alone_decides_when_a_token_ends() {
        assertEnds("sign-in", Duration.ofHours(1), Place.NATIVE_HEADER);
        assertEnds("service", Duration.ofHours(1), Place.NATIVE_HEADER);
        assertEnds("download", Duration.ofMinutes(5), Place.NATIVE_ADDRESS);
        assertEnds("pocketbase-auth", Duration.ofDays(1), Place.POCKETBASE_HEADER);
        assertEnds("pocketbase-file", Duration.ofMinutes(3), Place.POCKETBASE_ADDRESS);
        assertEnds("pocketbase-backup", Duration.ofMinutes(3), Place.POCKETBASE_ADDRESS);
        assertEnds("jobops", Duration.ofDays(1), Place.JOBOPS_HEADER);
        assertEnds("dispatcharr-access", Duration.ofMinutes(30), Place.DISPATCHARR_HEADER);
        assertEnds("dispatcharr-refresh", Duration.ofDays(1), Place.DISPATCHARR_REFRESH);
    }

    private void assertEnds(String kind, Duration lifetime, Place place) {
        String token = tokens().getOrDefault(kind, "");
        server.http.clock.advance(lifetime.minusSeconds(1));
        assertThat(status(place, token)).as(kind + " at its end").isEqualTo(200);
        server.http.clock.advance(Duration.ofSeconds(2));
        assertThat(status(place, token)).as(kind + " after its end").isNotEqualTo(200);
        server.http.clock.advance(Duration.ofSeconds(-2));
        assertThat(status(place, token))
                .as(kind + " when the clock is set back")
                .isEqualTo(200);
    }
}
