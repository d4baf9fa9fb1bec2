package dev.holdfast.bootstrap.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnknownVariablesTest {
    private static final String SHOP_FILE = "HOLDFAST_DATABASES_SHOP_FILE";
    private static final String OPS_URL = "HOLDFAST_WEBHOOKS_OPS_URL";

    @TempDir
    Path directory;

    private static Settings read(Map<String, String> environment) {
        return Settings.read(Optional.empty(), environment, Map.of());
    }

    private Settings read(String yaml, Map<String, String> environment) throws IOException {
        Path file = Files.writeString(directory.resolve("holdfast.yml"), yaml);
        return Settings.read(Optional.of(file), environment, Map.of());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "HOLDFAST_DATABASES_SHOP_FLIE         | unknown variable (did you mean HOLDFAST_DATABASES_SHOP_FILE?)",
                "HOLDFAST_HTTP_PROT                   | unknown variable (did you mean HOLDFAST_HTTP_PORT?)",
                "HOLDFAST_DATADIR                     | unknown variable (did you mean HOLDFAST_DATA_DIR?)",
                "HOLDFAST_AUTH_ENABLE                 | unknown variable (did you mean HOLDFAST_AUTH_ENABLED?)",
                "HOLDFAST_LOGLEVEL                    | unknown variable (did you mean HOLDFAST_LOG_LEVEL?)",
                "HOLDFAST_HOST                        | unknown variable (did you mean HOLDFAST_GRPC_HOST or HOLDFAST_HTTP_HOST?)",
                "HOLDFAST_PORT                        | unknown variable (did you mean HOLDFAST_GRPC_PORT or HOLDFAST_HTTP_PORT?)",
                "HOLDFAST_FILE                        | unknown variable (did you mean HOLDFAST_DATABASES_DEFAULT_FILE?)",
                "HOLDFAST_COLOUR                      | unknown variable (expected: one of the variables in docs/settings.md)",
                "HOLDFAST_DATABASES                   | unknown variable (did you mean HOLDFAST_DATABASE?)",
                "HOLDFAST_DATABASES_SHOP_PLAN_SCHEDULE_KIND | there is no database shop (expected: HOLDFAST_DATABASES_SHOP_FILE as well, or shop in the file of --config; a database whose name has - or capitals is configured in the file of --config)",
                "HOLDFAST_WEBHOOKS_OPS_SECRET         | there is no webhook ops (expected: HOLDFAST_WEBHOOKS_OPS_URL as well, or ops in the file of --config)",
                "HOLDFAST_WEBHOOKS_OPS_ULR            | unknown variable (did you mean HOLDFAST_WEBHOOKS_OPS_URL?)",
                "HOLDFAST_STORES_NAS_TYPE             | unknown variable (expected: one of the variables in docs/settings.md)",
                "holdfast_http_port                   | unknown variable (did you mean HOLDFAST_HTTP_PORT?)",
                "HOLDFATS_HTTP_PORT                   | unknown variable (did you mean HOLDFAST_HTTP_PORT?)",
                "HOLDFAST_Http_Port                   | unknown variable (did you mean HOLDFAST_HTTP_PORT?)",
                "HOLDFAST_DATABASES_my-shop_FILE      | unknown variable (expected: database my-shop in the file of --config; a database whose name has - or capitals is configured in the file of --config)",
                "HOLDFAST_DATABASES_Shop_FILE         | unknown variable (expected: database Shop in the file of --config; a database whose name has - or capitals is configured in the file of --config)",
                "HOLDFAST_DATABASES_shop_FILE         | unknown variable (did you mean HOLDFAST_DATABASES_SHOP_FILE? A database whose name has - or capitals is configured in the file of --config)",
            })
    void an_unknown_variable_stops_the_start_with_what_may_be_meant(String variable, String problem) {
        assertThatThrownBy(() -> read(Map.of(variable, "x")))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessage(variable + ": " + problem);
    }

    @Test
    void all_of_them_are_named_at_once_and_before_any_other_wrong_setting() {
        assertThatThrownBy(() -> read(Map.of(
                        SHOP_FILE,
                        "/srv/shop.db",
                        "HOLDFAST_DATABASES_SHPO_PREFIX",
                        "s",
                        "HOLDFAST_AUTH_ENABELD",
                        "true",
                        "HOLDFAST_HTTP_HOST",
                        "0.0.0.0",
                        "HOLDFAST_HTTP_PROT",
                        "1")))
                .hasMessage("""
                        HOLDFAST_AUTH_ENABELD: unknown variable (did you mean HOLDFAST_AUTH_ENABLED?)
                        HOLDFAST_DATABASES_SHPO_PREFIX: there is no database shpo (did you mean HOLDFAST_DATABASES_SHOP_PREFIX? A database whose name has - or capitals is configured in the file of --config)
                        HOLDFAST_HTTP_PROT: unknown variable (did you mean HOLDFAST_HTTP_PORT?)""");
    }

    @Test
    void no_value_is_shown_and_a_name_stays_on_one_line() {
        assertThatThrownBy(() -> read(Map.of("HOLDFAST_AUTH_JTW_SECRET", "hush", "HOLDFAST_X\nY", "hush")))
                .hasMessageContaining("HOLDFAST_AUTH_JWT_SECRET")
                .hasMessageContaining("HOLDFAST_X?Y: unknown")
                .message()
                .doesNotContain("hush")
                .satisfies(it -> assertThat(it.lines()).hasSize(2));
    }

    @Test
    void commands_that_need_only_the_data_directory_refuse_them_as_well() {
        assertThatThrownBy(() -> Settings.dataDir(Optional.empty(), Map.of("HOLDFAST_DATA_DRI", "/srv"), Map.of()))
                .hasMessage("HOLDFAST_DATA_DRI: unknown variable (did you mean HOLDFAST_DATA_DIR?)");
    }

    @Test
    void a_database_of_the_file_is_known_whatever_its_name() throws Exception {
        String yaml = "holdfast: {databases: {my-Shop: {file: /srv/shop.db}}}";

        assertThat(read(yaml, Map.of("HOLDFAST_DATABASES_MY_SHOP_PREFIX", "s")).databases())
                .singleElement()
                .satisfies(it -> assertThat(it.prefix()).isEqualTo("s"));
        assertThatThrownBy(() -> read(yaml, Map.of("HOLDFAST_DATABASES_my-Shop_PREFIX", "s")))
                .hasMessageContaining("did you mean HOLDFAST_DATABASES_MY_SHOP_PREFIX?");
        assertThatThrownBy(() -> read(yaml, Map.of("HOLDFAST_DATABASES_SHOP_PREFIX", "s")))
                .hasMessageContaining("there is no database shop");
    }

    @Test
    void a_variable_that_means_two_databases_of_the_file_is_refused() {
        assertThatThrownBy(() -> read(
                        "holdfast: {databases: {a-b: {file: /srv/1.db}, a_b: {file: /srv/2.db}}}",
                        Map.of("HOLDFAST_DATABASES_A_B_PLAN_RETENTION_LAST", "1")))
                .hasMessage(
                        "HOLDFAST_DATABASES_A_B_PLAN_RETENTION_LAST: means more than one database: a-b, a_b (expected:"
                                + " set in the file of --config)");
    }

    @Test
    void a_misspelt_list_of_files_registers_no_database() {
        assertThatThrownBy(() ->
                        read(Map.of(SHOP_FILE, "/srv/data.db", "HOLDFAST_DATABASES_SHOP_EXTRA_FILE", "/srv/x.db")))
                .hasMessageContaining("did you mean HOLDFAST_DATABASES_SHOP_EXTRA_FILES?");
        assertThat(read(Map.of(SHOP_FILE, "/srv/data.db", "HOLDFAST_DATABASES_SHOPS_FILE", "/srv/x.db"))
                        .databases())
                .hasSize(2);
    }

    /** Each letter left out, doubled, replaced, and exchanged with the next. */
    private static Stream<String> misspellings(String variable) {
        var all = new TreeSet<String>();
        for (int i = 0; i < variable.length(); i++) {
            String before = variable.substring(0, i);
            String after = variable.substring(i + 1);
            char letter = variable.charAt(i);
            all.add(before + after);
            all.add(before + letter + 'Q' + after);
            all.add(before + letter + letter + after);
            all.add(before + (letter == 'Q' ? 'X' : 'Q') + after);
            if (!after.isEmpty()) {
                all.add(before + after.charAt(0) + letter + after.substring(1));
            }
        }
        all.remove(variable);
        return all.stream();
    }

    private static List<String> documented() throws IOException {
        String table = Files.readAllLines(Path.of("../docs/settings.md")).stream()
                .filter(it -> it.startsWith("|"))
                .collect(Collectors.joining("\n"));
        Stream<String> keys = Pattern.compile("`(holdfast\\.[A-Za-z.-]+)`")
                .matcher(table)
                .results()
                .map(it -> SettingsSource.environmentName(it.group(1)));
        Stream<String> others =
                Pattern.compile("`(HOLDFAST_[A-Z_]+)`").matcher(table).results().map(it -> it.group(1));
        return Stream.concat(keys, others)
                .map(it -> it.replace("DATABASES_NAME_", "DATABASES_SHOP_").replace("WEBHOOKS_NAME_", "WEBHOOKS_OPS_"))
                .distinct()
                .toList();
    }

    /** What one letter makes of a variable that no program can know for a mistake. */
    private static boolean isAnException(String misspelt, String variable, List<String> documented) {
        boolean isAnotherVariable = documented.contains(misspelt);
        boolean namesAnother = (variable.equals(SHOP_FILE) && misspelt.matches("HOLDFAST_DATABASES_.+_FILE"))
                || (variable.equals(OPS_URL) && misspelt.matches("HOLDFAST_WEBHOOKS_.+_URL"));
        return isAnotherVariable || namesAnother;
    }

    @Test
    void each_variable_of_the_reference_misspelt_by_one_letter_is_refused_with_the_right_one() throws Exception {
        List<String> documented = documented();
        assertThat(documented).hasSizeGreaterThan(60).contains("HOLDFAST_HTTP_PORT", "HOLDFAST_LOG_LEVEL", SHOP_FILE);
        var wrong = new ArrayList<String>();
        var exceptions = new TreeSet<String>();
        int tried = 0;
        for (String variable : documented) {
            for (String misspelt : misspellings(variable).toList()) {
                if (isAnException(misspelt, variable, documented)) {
                    if (documented.contains(misspelt)) {
                        exceptions.add(variable + " as " + misspelt);
                    }
                    continue;
                }
                tried++;
                var environment = new HashMap<String, String>();
                if (!variable.equals(SHOP_FILE)) {
                    environment.put(SHOP_FILE, "/srv/shop.db");
                }
                if (!variable.equals(OPS_URL)) {
                    environment.put(OPS_URL, "https://hooks.example/");
                }
                environment.put(misspelt, "x");
                Throwable refused = catchThrowable(() -> read(environment));
                if (!(refused instanceof InvalidSettingException)
                        || !Pattern.compile("did you mean [^?]*\\b" + variable + "\\b")
                                .matcher(String.valueOf(refused.getMessage()))
                                .find()) {
                    wrong.add(misspelt + " for " + variable + ": " + refused);
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(tried).isGreaterThan(8_000);
        assertThat(exceptions)
                .containsExactly(
                        "HOLDFAST_DATABASES_SHOP_PLAN_DRILL_DAYS as HOLDFAST_DATABASES_SHOP_PLAN_DRILL_DAY",
                        "HOLDFAST_DATABASES_SHOP_PLAN_SCHEDULE_DAYS as HOLDFAST_DATABASES_SHOP_PLAN_SCHEDULE_DAY");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "XHOLDFAST_HTTP_PORT",
                "_HOLDFAST_HTTP_PORT",
                "MY_HOLDFAST_PORT",
                "HOLDFASTER",
                "HTTP_PORT",
                "PATH"
            })
    void variables_of_other_programs_are_left_alone(String variable) {
        assertThatCode(() -> read(Map.of(variable, "x"))).doesNotThrowAnyException();
    }

    @Test
    void variables_of_this_program_that_are_no_settings_are_known() throws Exception {
        assertThatCode(() -> read(UnknownVariables.OTHERS.stream().collect(Collectors.toMap(it -> it, it -> "x"))))
                .doesNotThrowAnyException();
        assertThat(UnknownVariables.OTHERS)
                .containsAll(documented().stream()
                        .filter(it -> it.matches("HOLDFAST_(ADMIN|LOG|JAVA|FAIL)_.*"))
                        .toList());
    }

    /** As in a pod of a cluster with services holdfast and holdfast-grpc, and in a container linked to one called holdfast. */
    static final Map<String, String> LINKS = links();

    private static Map<String, String> links() {
        var links = new HashMap<String, String>();
        links.put("HOLDFAST_SERVICE_HOST", "10.96.0.12");
        links.put("HOLDFAST_SERVICE_PORT", "8080");
        links.put("HOLDFAST_SERVICE_PORT_HTTP", "8080");
        links.put("HOLDFAST_PORT", "tcp://10.96.0.12:8080");
        links.put("HOLDFAST_PORT_8080_TCP", "tcp://10.96.0.12:8080");
        links.put("HOLDFAST_PORT_8080_TCP_PROTO", "tcp");
        links.put("HOLDFAST_PORT_8080_TCP_PORT", "8080");
        links.put("HOLDFAST_PORT_8080_TCP_ADDR", "10.96.0.12");
        links.put("HOLDFAST_GRPC_SERVICE_HOST", "fd00::12");
        links.put("HOLDFAST_GRPC_SERVICE_PORT", "50051");
        links.put("HOLDFAST_GRPC_PORT", "tcp://[fd00::12]:50051");
        links.put("HOLDFAST_GRPC_PORT_50051_TCP_ADDR", "fd00::12");
        links.put("HOLDFAST_NAME", "/web/holdfast");
        links.put("HOLDFAST_ENV_HTTP_PORT", "hush");
        links.put("HOLDFAST_PORT_8000_UDP_START", "udp://172.17.0.5:8000");
        links.put("HOLDFAST_PORT_8000_UDP_PORT_END", "8010");
        return Map.copyOf(links);
    }

    @Test
    void service_links_are_ignored_with_one_warning_that_has_no_value() {
        Settings settings = read(LINKS);

        assertThat(settings.grpc().port()).isEqualTo(50_051);
        assertThat(settings.databases()).singleElement().matches(Settings.DatabaseSettings::sampleIfMissing);
        assertThat(ServiceLinks.in(LINKS)).isEqualTo(LINKS.keySet());
        assertThat(ServiceLinks.warning(LINKS))
                .hasValueSatisfying(it -> assertThat(it)
                        .startsWith("Ignored 16 environment variables")
                        .contains("HOLDFAST_GRPC_PORT, HOLDFAST_GRPC_PORT_50051_TCP_ADDR")
                        .doesNotContain("hush", "10.96", "\n"));
        assertThat(ServiceLinks.warning(Map.of("HOLDFAST_HTTP_PORT", "1"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "HOLDFAST_PORT, 8080",
        "HOLDFAST_PORT, http://10.0.0.1:8080",
        "HOLDFAST_SERVICE_HOST, everywhere",
        "HOLDFAST_SERVICE_PORT, http",
        "HOLDFAST_PORT_8080_TCP, 8080",
        "HOLDFAST_PORT_8080_TCP_PROTO, http",
        "HOLDFAST_NAME, holdfast",
        "HOLDFAST_ENV_HTTP_PORT, 1",
        "HOLDFAST_GRPC_PROT, tcp://10.0.0.1:8080",
    })
    void a_value_of_another_form_makes_no_service_link(String variable, String value) {
        assertThatThrownBy(() -> read(Map.of(variable, value))).hasMessageContaining(variable + ": unknown variable");
    }

    @Test
    void a_sample_is_made_only_if_neither_file_nor_environment_sets_anything() throws Exception {
        assertThat(sample("", Map.of())).isTrue();
        assertThat(sample("holdfast: {databases: }", Map.of("HOLDFAST_LOG_LEVEL", "DEBUG", "PATH", "/bin")))
                .isTrue();
        assertThat(sample("holdfast: {http: {port: 1}}", Map.of())).isFalse();
        assertThat(sample("", Map.of("HOLDFAST_HTTP_PORT", "1"))).isFalse();
        assertThat(sample("", Map.of("HOLDFAST_DATABASES_DEFAULT_PLAN_SCHEDULE_KIND", "hourly")))
                .isFalse();
        assertThat(Settings.read(
                                Optional.empty(),
                                Map.of(),
                                Map.of("holdfast.data-dir", "/d", "holdfast.http.port", "0"))
                        .databases())
                .singleElement()
                .matches(Settings.DatabaseSettings::sampleIfMissing);
    }

    private boolean sample(String yaml, Map<String, String> environment) throws IOException {
        return read(yaml, environment).databases().getFirst().sampleIfMissing();
    }
}
