package dev.holdfast.bootstrap.settings;

import static dev.holdfast.application.notice.Notification.Kind.CORRUPT;
import static dev.holdfast.application.notice.Notification.Kind.FAILURE;
import static dev.holdfast.application.notice.Notification.Kind.MISSED;
import static dev.holdfast.application.notice.Notification.Kind.RECOVERED;
import static dev.holdfast.application.notice.Notification.Kind.RESTORED;
import static dev.holdfast.application.notice.Notification.Kind.SUCCESS;
import static dev.holdfast.application.notice.Notification.Kind.SUSPICIOUS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.grpc.server.GrpcSettings;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import dev.holdfast.notify.webhook.Webhook;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SettingsTest {
    @TempDir
    Path directory;

    private Settings read(String yaml, Map<String, String> environment, Map<String, String> commandLine)
            throws IOException {
        Path file = Files.writeString(directory.resolve("holdfast.yml"), yaml);
        return Settings.read(Optional.of(file), environment, commandLine);
    }

    private Settings read(String yaml) throws IOException {
        return read(yaml, Map.of(), Map.of());
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "123456789012345678, 123456789012345678",
        "1KiB, 1024",
        "500 MiB, 524288000",
        "10GiB, 10737418240",
        "2TiB, 2199023255552",
        "999999TiB, 1099510528264372224",
    })
    void a_size_is_a_number_of_bytes_or_has_a_unit(String text, long bytes) throws IOException {
        assertThat(read("holdfast: {uploads: {max-size: " + text + "}}").maxUpload())
                .isEqualTo(bytes);
        assertThat(Settings.read(Optional.empty(), Map.of("HOLDFAST_UPLOADS_MAX_SIZE", text), Map.of())
                        .maxUpload())
                .isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "10GB", "1.5GiB", "GiB", "1234567MiB", "1234567890123456789", "10gib", "much"})
    void what_is_no_size_is_refused(String text) {
        assertThatThrownBy(() -> read("holdfast: {uploads: {max-size: " + text + "}}"))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("holdfast.uploads.max-size")
                .hasMessageContaining("10GiB");
    }

    @Test
    void without_any_setting_it_serves_one_database_on_loopback() {
        Settings settings = Settings.read(Optional.empty(), Map.of(), Map.of());

        Path data = Path.of("holdfast-data").toAbsolutePath();
        assertThat(settings.dataDir()).isEqualTo(data);
        assertThat(settings.httpHost()).isEqualTo("127.0.0.1");
        assertThat(settings.httpPort()).isEqualTo(8080);
        assertThat(settings.auth().enabled()).isFalse();
        assertThat(settings.auth().jwtSecret()).isEmpty();
        assertThat(settings.auth().jwksUrl()).isEmpty();
        assertThat(settings.auth().tokenLifetime()).isEqualTo(Duration.ofHours(1));
        assertThat(settings.busyTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.stopGrace()).isEqualTo(Duration.ofSeconds(20));
        assertThat(settings.maxUpload()).isEqualTo(10_737_418_240L);
        assertThat(settings.history()).isEqualTo(new Settings.History(Duration.ofDays(90), 10_000));
        assertThat(settings.databases()).singleElement().satisfies(database -> {
            assertThat(database.name().value()).isEqualTo("default");
            assertThat(database.file()).isEqualTo(data.resolve("app.db"));
            assertThat(database.profile()).isEqualTo(Profile.NATIVE);
            assertThat(database.prefix()).isEqualTo("app");
            assertThat(database.backupDirectory()).isEqualTo(data.resolve("backups/default"));
            assertThat(database.sampleIfMissing()).isTrue();
        });
    }

    @Test
    void grpc_is_served_in_plaintext_on_loopback_unless_it_has_a_certificate() throws Exception {
        GrpcSettings plain = read("holdfast: {data-dir: /d}").grpc();
        assertThat(plain.host()).isEqualTo("127.0.0.1");
        assertThat(plain.port()).isEqualTo(50_051);
        assertThat(plain.tls()).isEmpty();
        assertThat(plain.reflection()).isTrue();

        GrpcSettings open = read("""
                holdfast:
                  auth: {enabled: true}
                  grpc: {host: 0.0.0.0, reflection: false, tls: {certificate: /c.pem, private-key: /k.pem, client-ca: /ca.pem}}
                """).grpc();
        assertThat(open.tls())
                .contains(new GrpcSettings.Tls(Path.of("/c.pem"), Path.of("/k.pem"), Optional.of(Path.of("/ca.pem"))));
        assertThat(open.reflection()).isFalse();
    }

    @Test
    void a_database_has_what_the_file_says() throws Exception {
        Settings settings = read("""
                holdfast:
                  data-dir: /srv/holdfast
                  databases:
                    jobs: {file: /srv/jobops/jobs.db, profile: jobops, backup-directory: /srv/jobops}
                    shop: {file: /srv/shop.db, prefix: shop}
                """);

        assertThat(settings.databases())
                .extracting(DatabaseSettings::backupDirectory)
                .containsExactly(Path.of("/srv/jobops"), Path.of("/srv/holdfast/backups/shop"));
        assertThat(settings.databases())
                .extracting(DatabaseSettings::profile)
                .containsExactly(Profile.JOBOPS, Profile.NATIVE);
        assertThat(settings.databases()).noneMatch(DatabaseSettings::sampleIfMissing);
    }

    @Test
    void a_dialect_is_served_for_the_database_that_is_named() throws Exception {
        String yaml = """
                holdfast:
                  databases:
                    pb: {file: /srv/pb_data/data.db, profile: pocketbase}
                    jobs: {file: /srv/jobs.db, profile: jobops}
                  dialects:
                    root: pocketbase
                    pocketbase: {database: pb}
                    jobops: {database: jobs, demo: true}
                """;

        assertThat(read(yaml).dialects())
                .isEqualTo(new Dialects(
                        Optional.of(Dialect.POCKETBASE),
                        Map.of(Dialect.POCKETBASE, new DatabaseName("pb"), Dialect.JOBOPS, new DatabaseName("jobs")),
                        true));
        assertThat(read(yaml.replace("root: pocketbase", "root: none"))
                        .dialects()
                        .root())
                .isEmpty();
        assertThat(read("holdfast: {}").dialects()).isEqualTo(Dialects.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{root: pocketbase} | holdfast.dialects.root: pocketbase (expected: a dialect whose database is set: "
                        + "holdfast.dialects.pocketbase.database)",
                "{root: rest} | holdfast.dialects.root: rest (expected: none, pocketbase, jobops, dispatcharr)",
                "{pocketbase: {database: shop}} | holdfast.dialects.pocketbase.database: shop (expected: a database of "
                        + "profile pocketbase: pb)",
                "{jobops: {database: pb}} | holdfast.dialects.jobops.database: pb (expected: a database of profile "
                        + "jobops; there is none)",
                "{jobops: {demo: maybe}} | holdfast.dialects.jobops.demo: maybe (expected: true or false)",
                "{gitea: {database: pb}} | holdfast.dialects.gitea: unknown key",
            })
    void a_dialect_that_could_not_be_served_stops_the_start(String dialects, String message) {
        assertThatThrownBy(
                        () -> read("holdfast: {databases: {pb: {file: /srv/data.db, profile: pocketbase}}, dialects: "
                                + dialects + "}"))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining(message);
    }

    @Test
    void the_command_line_goes_before_the_environment_and_that_before_the_file() throws Exception {
        String yaml = "holdfast: {http: {host: localhost, port: 1}, data-dir: /file}";
        Settings settings = read(
                yaml,
                Map.of("HOLDFAST_HTTP_PORT", "2", "HOLDFAST_HTTP_HOST", "127.0.0.2"),
                Map.of("holdfast.http.port", "3"));

        assertThat(settings.httpPort()).isEqualTo(3);
        assertThat(settings.httpHost()).isEqualTo("127.0.0.2");
        assertThat(settings.dataDir()).isEqualTo(Path.of("/file"));
    }

    @Test
    void the_environment_alone_can_register_a_database() {
        Settings settings = Settings.read(
                Optional.empty(),
                Map.of("HOLDFAST_DATABASES_SHOP_FILE", "/srv/shop.db", "HOLDFAST_DATABASES_SHOP_PREFIX", "s"),
                Map.of());

        assertThat(settings.databases()).singleElement().satisfies(database -> {
            assertThat(database.name().value()).isEqualTo("shop");
            assertThat(database.prefix()).isEqualTo("s");
        });
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{http: {port: 70000}}                                 | holdfast.http.port: 70000 (expected: a port",
                "{http: {port: many}}                                  | holdfast.http.port: many (expected: a port",
                "{http: {prot: 1}}                                     | holdfast.http.prot: unknown key (expected: ",
                "{http: {host: [1]}}                                   | holdfast.http.host: [1] (expected: one value)",
                "{colour: red}                                         | holdfast.colour: unknown key",
                "{auth: {enabled: yess}}                               | holdfast.auth.enabled: yess (expected: true or false)",
                "{http: {host: 0.0.0.0}}                               | holdfast.auth.enabled: false (expected: true, because holdfast.http.host is 0.0.0.0",
                "{grpc: {host: 0.0.0.0}}                               | holdfast.auth.enabled: false (expected: true, because holdfast.grpc.host is 0.0.0.0",
                "{auth: {enabled: true}, grpc: {host: 0.0.0.0}}        | holdfast.grpc.tls.certificate: not set (expected: a certificate, because holdfast.grpc.host is 0.0.0.0",
                "{grpc: {tls: {certificate: /c.pem}}}                  | holdfast.grpc.tls.private-key: not set (expected: a file",
                "{grpc: {tls: {private-key: /k.pem}}}                  | holdfast.grpc.tls.certificate: not set (expected: a file",
                "{grpc: {tls: {client-ca: /ca.pem}}}                   | holdfast.grpc.tls.certificate: not set (expected: a file",
                "{grpc: {port: 70000}}                                 | holdfast.grpc.port: 70000 (expected: a port",
                "{grpc: {reflection: maybe}}                           | holdfast.grpc.reflection: maybe (expected: true or false)",
                "{auth: {jwt-secret: short}}                           | holdfast.auth.jwt-secret: (hidden) (expected: at least 32",
                "{auth: {jwks-url: 'http://idp.example/keys'}}         | holdfast.auth.jwks-url: http://idp.example/keys (expected: an https",
                "{auth: {jwks-url: 'https://idp.example/keys'}}        | holdfast.auth.jwks-audience: not set (expected: whom",
                "{data-dir: /d, databases: {a: {file: /x.db, backup-directory: /d}}} | holdfast.databases.a.backup-directory: /d (expected: a directory of its own; this one is used by the server itself)",
                "{databases: {a: {file: /x/a.db}, b: {file: /y/b.db, backup-directory: /x}}} | holdfast.databases.b.backup-directory: /x (expected: a directory without another database; /x/a.db lies there)",
                "{databases: [shop]}                                   | holdfast.databases: [shop] (expected: keys below it",
                "{databases: {shop: /srv/shop.db}}                     | holdfast.databases.shop: /srv/shop.db (expected: keys below it",
                "{busy-timeout: soon}                                  | holdfast.busy-timeout: soon (expected: a time",
                "{busy-timeout: 0s}                                    | holdfast.busy-timeout: 0s (expected: a time",
                "{history: {keep-days: 0}}                             | holdfast.history.keep-days: 0 (expected: a whole number, 1 to 36500)",
                "{history: {keep-count: all}}                          | holdfast.history.keep-count: all (expected: a whole number, 1 to 1000000)",
                "{databases: {a b: {file: /x.db}}}                     | holdfast.databases: a b (expected: names of the form",
                "{databases: {a: {profile: native}}}                   | holdfast.databases.a.file: not set (expected: the path",
                "{databases: {a: {fil: /x.db}}}                        | holdfast.databases.a.fil: unknown key (expected: ",
                "{databases: {a: {file: /x.db, profile: mysql}}}       | holdfast.databases.a.profile: mysql (expected: native, pocketbase, jobops, dispatcharr)",
                "{databases: {a: {file: /x.db, layout: pocketbase_zip}}} | holdfast.databases.a.layout: pocketbase_zip (expected: sqlite)",
                "{databases: {a: {file: /x.db, compression: best}}}    | holdfast.databases.a.compression: best (expected: nothing: backups of profile native",
                "{databases: {a: {file: /x.db, profile: pocketbase, compression: most}}} | holdfast.databases.a.compression: most (expected: none, fast, best)",
                "{databases: {a: {file: /x.db, extra-files: [/y.db]}}} | holdfast.databases.a.extra-files: [/y.db] (expected: none: a backup of profile native",
                "{databases: {a: {file: /x.db, profile: jobops, directories: /s}}} | holdfast.databases.a.directories: [/s] (expected: none: a backup of profile jobops",
                "{databases: {a: {file: /x.db, profile: dispatcharr, extra-files: /y.db}}} | holdfast.databases.a.extra-files: [/y.db] (expected: none: a backup of profile dispatcharr",
                "{databases: {a: {file: /p/x.db, profile: pocketbase, extra-files: [/p/data.db]}}} | holdfast.databases.a.extra-files: /p/data.db (expected: files ending in .db",
                "{databases: {a: {file: /p/data.db, profile: pocketbase, directories: [/p]}}} | holdfast.databases.a.directories: /p (expected: directories apart from database a at /p/data.db)",
                "{data-dir: /p/d, databases: {a: {file: /q/data.db, profile: pocketbase, directories: [/p]}}} | holdfast.databases.a.directories: /p (expected: directories apart from the server's data directory",
                "{databases: {a: {file: /p/data.db, profile: pocketbase, backup-directory: /s/b, directories: [/s]}}} | holdfast.databases.a.directories: /s (expected: directories apart from the backups of database a",
                "{databases: {a: {file: /p/data.db, profile: pocketbase, directories: [/s, /s/t]}}} | holdfast.databases.a.directories: /s/t (expected: directories apart from another directory",
                "{databases: {a: {file: /p/data.db, profile: pocketbase, directories: [/s/x, /t/x]}}} | holdfast.databases.a.directories: /t/x (expected: directories whose last names differ",
                "{databases: {a: {file: /p/a.db, profile: pocketbase, directories: [/s]}, b: {file: /s/b.db}}} | holdfast.databases.a.directories: /s (expected: directories apart from database b",
                "{databases: {a: {file: /x.db, prefix: ../x}}}         | holdfast.databases.a.prefix: ../x (expected: 1 to 64",
                "{databases: {a: {file: /x.db, colour: red}}}          | holdfast.databases.a.colour: unknown key",
                "{databases: {a: {file: /x.db}, b: {file: /y/../x.db}}} | holdfast.databases.b.file: /x.db (expected: a file of its own; this one is used by database a)",
                "{data-dir: /d, databases: {a: {file: /d/holdfast.db}}} | holdfast.databases.a.file: /d/holdfast.db (expected: a file of its own; this one is used by the server itself)",
                "{data-dir: /d, databases: {a: {file: /d/holdfast.db-wal}}} | holdfast.databases.a.file: /d/holdfast.db-wal (expected: a file of its own; this one is used by the server itself)",
                "{data-dir: /d, databases: {a: {file: /d/jwt-secret}}} | holdfast.databases.a.file: /d/jwt-secret (expected: a file of its own; this one is used by the server itself)",
                "{data-dir: /d, databases: {a: {file: /d/server-id}}} | holdfast.databases.a.file: /d/server-id (expected: a file of its own; this one is used by the server itself)",
                "{data-dir: /d, databases: {a: {file: /d/scratch/1/data.db}}} | holdfast.databases.a.file: /d/scratch/1/data.db (expected: a file of its own; this one is used by the server itself)",
                "{databases: {a: {file: /x.db}, b: {file: /x.db-wal}}} | holdfast.databases.b.file: /x.db-wal (expected: a file of its own; this one is used by database a)",
                "{databases: {a: {file: /x.db-journal}, b: {file: /x.db}}} | holdfast.databases.b.file: /x.db (expected: a file of its own; this one is used by database a)",
                "{databases: {a: {file: /x.db, backup-directory: /z}, b: {file: /y.db, backup-directory: /z}}} | holdfast.databases.b.backup-directory: /z (expected: a directory of its own",
                "{webhooks: {ops: {secret: 0123456789abcdef01234567}}} | holdfast.webhooks.ops.url: not set (expected: an http or https address",
                "{webhooks: {ops: {ulr: 'https://x.example/'}}}        | holdfast.webhooks.ops.ulr: unknown key",
                "{webhooks: {ops: {url: 'ftp://x.example/hush'}}}      | holdfast.webhooks.ops.url: (hidden) (expected: an http or https address",
                "{webhooks: {ops: {url: 'https://u:hush@x.example/'}}}  | holdfast.webhooks.ops.url: (hidden) (expected: an http or https address",
                "{webhooks: {ops: {url: 'https://x y/hush'}}}          | holdfast.webhooks.ops.url: (hidden) (expected: an http or https address",
                "{webhooks: {ops: {url: 'https://x.example/', secret: hush}}} | holdfast.webhooks.ops.secret: (hidden) (expected: at least 24",
                "{webhooks: {ops: {url: 'https://x.example/', events: [failure, boom]}}} | holdfast.webhooks.ops.events: boom (expected: some of success, failure, missed",
                "{webhooks: ['https://x.example/hush']}                | holdfast.webhooks: (hidden) (expected: keys below it",
                "{webhooks: {ops: 'https://x.example/hush'}}           | holdfast.webhooks.ops: (hidden) (expected: keys below it",
                "{webhooks: {ops: {url: ['https://x.example/hush']}}}  | holdfast.webhooks.ops.url: (hidden) (expected: one value",
                "{webhooks: {a b: {url: 'https://x.example/'}}}        | holdfast.webhooks: a b (expected: names of the form",
                "{databases: {a: {file: /x.db, ping-url: 'hush'}}}      | holdfast.databases.a.ping-url: (hidden) (expected: an http or https address",
                "{stores: {offsite: {type: s3}}}                       | holdfast.stores: is set (expected: nothing",
            })
    void a_wrong_setting_is_one_line_with_key_value_and_what_is_allowed(String yaml, String message) {
        assertThatThrownBy(() -> read("holdfast: " + yaml))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith(message)
                .message()
                .doesNotContain("\n", "hush");
    }

    @Test
    void a_file_that_is_no_yaml_or_is_missing_says_so_in_one_line() {
        assertThatThrownBy(() -> read("holdfast: {http: [}"))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("YAML; line 1");
        assertThatThrownBy(() -> read("holdfast:\n  a: 1\n  a: 2\n")).isInstanceOf(InvalidSettingException.class);
        assertThatThrownBy(() -> Settings.read(Optional.of(directory.resolve("missing.yml")), Map.of(), Map.of()))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("a file that can be read");
    }

    @ParameterizedTest
    @CsvSource({"'', false", "', shared-locks: true', true", "', shared-locks: false', false"})
    void shared_locks_are_claimed_for_one_database(String setting, boolean shared) throws Exception {
        Settings settings = read("holdfast: {databases: {a: {file: /a.db" + setting + "}, b: {file: /b.db}}}");
        assertThat(settings.databases())
                .extracting(DatabaseSettings::sharedLocks)
                .containsExactly(shared, false);
    }

    @Test
    void shared_locks_are_claimed_in_the_environment() {
        Settings settings = Settings.read(
                Optional.empty(),
                Map.of("HOLDFAST_DATABASES_SHOP_FILE", "/a.db", "HOLDFAST_DATABASES_SHOP_SHARED_LOCKS", "true"),
                Map.of());
        assertThat(settings.databases()).singleElement().matches(DatabaseSettings::sharedLocks);
    }

    @Test
    void every_key_is_in_the_reference_and_nothing_else() throws Exception {
        SettingsSource source = SettingsSource.read(
                Optional.empty(),
                Map.of(
                        "HOLDFAST_DATABASES_NAME_FILE", "/srv/shop.db",
                        "HOLDFAST_WEBHOOKS_NAME_URL", "https://hooks.example/"),
                Map.of());
        Settings.read(source);

        String reference = Files.readString(Path.of("../docs/settings.md"));
        Set<String> documented = Pattern.compile("`(holdfast\\.[A-Za-z.-]+)`")
                .matcher(reference.lines().filter(it -> it.startsWith("|")).collect(Collectors.joining("\n")))
                .results()
                .map(it -> it.group(1).replace("NAME", "name"))
                .collect(Collectors.toSet());
        assertThat(documented)
                .isEqualTo(source.asked().stream()
                        .filter(it -> !it.equals("holdfast.databases") && !it.equals("holdfast.webhooks"))
                        .collect(Collectors.toSet()));
    }

    @Test
    void a_webhook_is_told_of_all_but_successes_unless_it_says_otherwise() throws Exception {
        Settings settings = read(
                """
                holdfast:
                  webhooks:
                    chat: {url: https://chat.example/hook}
                    ops: {url: http://ops.example:8080/, secret: 0123456789abcdef01234567, events: [success, recovered]}
                """,
                Map.of(
                        "HOLDFAST_WEBHOOKS_PAGER_URL",
                        "https://p.example/",
                        "HOLDFAST_WEBHOOKS_PAGER_EVENTS",
                        "missed, corrupt"),
                Map.of());

        assertThat(settings.webhooks())
                .containsExactly(
                        new Webhook(
                                "chat",
                                URI.create("https://chat.example/hook"),
                                Optional.empty(),
                                Set.of(FAILURE, MISSED, CORRUPT, RECOVERED, RESTORED, SUSPICIOUS)),
                        new Webhook(
                                "ops",
                                URI.create("http://ops.example:8080/"),
                                Optional.of("0123456789abcdef01234567"),
                                Set.of(SUCCESS, RECOVERED)),
                        new Webhook(
                                "pager", URI.create("https://p.example/"), Optional.empty(), Set.of(MISSED, CORRUPT)));
    }

    @Test
    void a_database_has_a_ping_address_if_one_is_set() throws Exception {
        Settings settings = read("""
                holdfast:
                  databases:
                    jobs: {file: /srv/jobs.db}
                    shop: {file: /srv/shop.db, ping-url: https://ping.example/tok}
                """);

        assertThat(settings.pings())
                .isEqualTo(Map.of(new DatabaseName("shop"), URI.create("https://ping.example/tok")));
        assertThat(settings.toString()).doesNotContain("tok");
    }

    @Test
    void a_secret_is_never_in_a_text() throws Exception {
        String secret = "0123456789012345678901234567890123456789";
        Settings settings = read("holdfast: {auth: {jwt-secret: \"" + secret + "\"}}");

        assertThat(settings.auth().jwtSecret()).contains(secret);
        assertThat(settings.toString()).doesNotContain(secret);
    }
}
