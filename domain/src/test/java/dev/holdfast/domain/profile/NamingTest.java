package dev.holdfast.domain.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class NamingTest {
    private static final Instant AT = Instant.parse("2026-04-13T14:25:30.987Z");
    private static final Naming NATIVE = Naming.of(Profile.NATIVE, "app");
    private static final Naming JOBOPS = Naming.of(Profile.JOBOPS, "app");
    private static final Naming POCKETBASE = Naming.of(Profile.POCKETBASE, "Acme");
    private static final Naming DISPATCHARR = Naming.of(Profile.DISPATCHARR, "app");

    @ParameterizedTest(name = "{0} {1} {2}: {3}")
    @CsvSource({
        "NATIVE,      MANUAL,    SQLITE,             app_20260413_142530.db,                          app_20260413_142530_1.db",
        "NATIVE,      AUTOMATIC, SQLITE,             app_20260413_142530.db,                          app_20260413_142530_1.db",
        "NATIVE,      SAFETY,    SQLITE,             app_20260413_142530.db,                          app_20260413_142530_1.db",
        "JOBOPS,      MANUAL,    SQLITE,             jobs_manual_2026_04_13_14_25_30.db,              jobs_manual_2026_04_13_14_25_30_1.db",
        "JOBOPS,      SAFETY,    SQLITE,             jobs_manual_2026_04_13_14_25_30.db,              jobs_manual_2026_04_13_14_25_30_1.db",
        "POCKETBASE,  MANUAL,    POCKETBASE_ZIP,     pb_backup_app_20260413142530.zip,                pb_backup_app_20260413142530_1.zip",
        "POCKETBASE,  AUTOMATIC, POCKETBASE_ZIP,     @auto_pb_backup_app_20260413142530.zip,          @auto_pb_backup_app_20260413142530_1.zip",
        "DISPATCHARR, MANUAL,    DISPATCHARR_ZIP,    dispatcharr-backup-2026.04.13.14.25.30.zip,      dispatcharr-backup-2026.04.13.14.25.30-1.zip",
        "DISPATCHARR, AUTOMATIC, DISPATCHARR_TAR_GZ, dispatcharr-backup-20260413T142530Z.tar.gz,      dispatcharr-backup-20260413T142530Z-1.tar.gz",
    })
    void a_backup_is_called_after_its_second_in_utc(
            Profile profile, Origin origin, Layout layout, String first, String second) {
        assertThat(Naming.of(profile, "app").proposals(origin, layout, AT).limit(2))
                .extracting(BackupKey::value)
                .containsExactly(first, second);
    }

    @Test
    void an_automatic_jobops_backup_has_one_name_a_day() {
        assertThat(JOBOPS.proposals(Origin.AUTOMATIC, Layout.SQLITE, AT))
                .extracting(BackupKey::value)
                .containsExactly("jobs_2026_04_13.db");
    }

    @Test
    void a_manual_jobops_backup_finds_no_name_after_suffix_100() {
        List<String> names = JOBOPS.proposals(Origin.MANUAL, Layout.SQLITE, AT)
                .map(BackupKey::value)
                .toList();
        assertThat(names).hasSize(101).last().isEqualTo("jobs_manual_2026_04_13_14_25_30_100.db");
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void every_name_that_is_proposed_parses_and_tells_its_time(Profile profile) {
        Naming naming = Naming.of(profile, "app");
        for (Origin origin : Origin.values()) {
            naming.proposals(origin, profile.layout(), AT).limit(3).forEach(key -> {
                assertThat(naming.parse(key.value())).isEqualTo(new ParsedName.Valid(key));
                assertThat(naming.layout(key)).isEqualTo(profile.layout());
                assertThat(naming.isOnlyName(key))
                        .isEqualTo(
                                naming.proposals(origin, profile.layout(), AT).count() == 1);
                Instant expected = naming.isAutomatic(key) && profile == Profile.JOBOPS
                        ? Instant.parse("2026-04-13T00:00:00Z")
                        : Instant.parse("2026-04-13T14:25:30Z");
                assertThat(naming.time(key)).contains(expected);
            });
        }
    }

    @ParameterizedTest
    @MethodSource
    void names_of_another_form_do_not_fit(Naming naming, String text) {
        assertThat(naming.parse(text)).isInstanceOf(ParsedName.Malformed.class);
    }

    static Stream<Arguments> names_of_another_form_do_not_fit() {
        Stream<String[]> rows = Stream.of(
                new String[] {"native", "app_20260413_142530.db.bak"},
                new String[] {"native", "app_20260413_1425.db"},
                new String[] {"native", "other_20260413_142530.db"},
                new String[] {"native", "app_20260413_142530_0.db"},
                new String[] {"native", "app_20260413_142530_01.db"},
                new String[] {"native", "../app_20260413_142530.db"},
                new String[] {"native", "app_20260413_142530.db\n"},
                new String[] {"native", "app_٢٠٢٦٠٤١٣_142530.db"},
                new String[] {"native", ""},
                new String[] {"jobops", "jobs.db"},
                new String[] {"jobops", "Jobs_2026_04_13.db"},
                new String[] {"jobops", "jobs_manual_2026_04_13.db"},
                new String[] {"jobops", "jobs_2026_04_13_1.db"},
                new String[] {"pocketbase", "My Backup.zip"},
                new String[] {"pocketbase", "backup"},
                new String[] {"pocketbase", ".zip"},
                new String[] {"pocketbase", "@auto_pb_backup_evil/../x_20260413142530.zip"},
                new String[] {"dispatcharr", "backup.zip"},
                new String[] {"dispatcharr", "dispatcharr-backup-/../x.zip"},
                new String[] {"dispatcharr", "dispatcharr-backup-2026.tar.gz"});
        return rows.map(row -> Arguments.of(
                switch (row[0]) {
                    case "native" -> NATIVE;
                    case "jobops" -> JOBOPS;
                    case "pocketbase" -> POCKETBASE;
                    default -> DISPATCHARR;
                },
                row[1]));
    }

    @Test
    void a_pocketbase_name_has_at_most_150_bytes() {
        String longest = "a".repeat(146) + ".zip";
        assertThat(POCKETBASE.parse(longest)).isInstanceOf(ParsedName.Valid.class);
        assertThat(POCKETBASE.parse("a" + longest)).isEqualTo(new ParsedName.TooLong(151, 150));
    }

    @ParameterizedTest
    @CsvSource({"Acme,acme", "myTestDB,my_test_db", "My App 2,my_app_2", "'...',''", "HTTPServer,http_server"})
    void an_application_is_written_in_snake_case(String app, String snake) {
        assertThat(Naming.of(Profile.POCKETBASE, app).proposals(Origin.MANUAL, Layout.POCKETBASE_ZIP, AT))
                .first()
                .extracting(BackupKey::value)
                .isEqualTo("pb_backup_" + snake + "_20260413142530.zip");
    }

    @ParameterizedTest
    @ValueSource(strings = {"app_20260231_142530.db", "app_20260413_246060.db"})
    void digits_that_are_no_time_fit_but_tell_none(String text) {
        assertThat(NATIVE.parse(text)).isInstanceOf(ParsedName.Valid.class);
        assertThat(NATIVE.time(new BackupKey(text))).isEqualTo(Optional.empty());
    }

    @Test
    void no_profile_lets_an_upload_have_the_name_of_an_address() {
        for (Profile profile : Profile.values()) {
            assertThat(Naming.SUB_RESOURCES)
                    .contains("plan", "drill", "upload", "timelines", "restore")
                    .allMatch(it -> Naming.of(profile, "app").uploaded(it).isEmpty());
        }
        assertThat(Naming.of(Profile.POCKETBASE, "app").uploaded("plans")).contains(new BackupKey("plans"));
        assertThat(Naming.of(Profile.POCKETBASE, "app").uploaded("Plan")).contains(new BackupKey("Plan"));
    }

    @Test
    void an_upload_to_dispatcharr_fits_whatever_stands_in_its_middle() {
        assertThat(DISPATCHARR.parse("dispatcharr-backup-old.zip"))
                .isEqualTo(new ParsedName.Valid(new BackupKey("dispatcharr-backup-old.zip")));
        assertThat(DISPATCHARR.time(new BackupKey("dispatcharr-backup-old.zip")))
                .isEmpty();
    }
}
