package dev.holdfast.domain.retention;

import static dev.holdfast.domain.retention.RetentionFixture.corrupt;
import static dev.holdfast.domain.retention.RetentionFixture.good;
import static dev.holdfast.domain.retention.RetentionFixture.verified;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Profile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules one by one, on lists that fit on a line; random ones are in {@link RetentionPropertiesTest}. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RetentionTest {
    private static final Instant NOW = Instant.parse("2026-04-20T12:00:00Z");
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void the_newest_stay_and_the_others_go() {
        assertThat(judged(
                        RetentionPolicy.keepLast(2),
                        good("wed", "2026-04-15T03:00:00Z"),
                        good("fri", "2026-04-17T03:00:00Z"),
                        verified("tue", "2026-04-14T03:00:00Z"),
                        good("thu", "2026-04-16T03:00:00Z")))
                .containsExactly("fri: last_good last", "thu: last", "wed: gone", "tue: last_verified");
    }

    @Test
    void each_day_keeps_its_newest_and_the_oldest_stays_until_there_are_days_enough() {
        Backup[] backups = {
            good("wed-2", "2026-04-15T23:00:00Z"),
            good("wed-1", "2026-04-15T03:00:00Z"),
            good("tue-2", "2026-04-14T23:00:00Z"),
            good("tue-1", "2026-04-14T03:00:00Z"),
        };

        assertThat(judged(policy(0, 2, 0, 0), backups))
                .containsExactly("wed-2: last_good daily", "wed-1: gone", "tue-2: daily", "tue-1: gone");
        assertThat(judged(policy(0, 3, 0, 0), backups))
                .containsExactly("wed-2: last_good daily", "wed-1: gone", "tue-2: daily", "tue-1: daily");
    }

    @Test
    void a_day_is_the_zone_s_day() {
        Backup[] backups = {good("after", "2026-04-14T22:30:00Z"), good("before", "2026-04-14T21:30:00Z")};

        assertThat(judged(policy(0, 1, 0, 0), backups)).containsExactly("after: last_good daily", "before: gone");
        assertThat(judgedIn(BERLIN, policy(0, 2, 0, 0), backups))
                .containsExactly("after: last_good daily", "before: daily");
    }

    @Test
    void an_hour_that_the_clock_shows_twice_is_two_hours() {
        Backup[] backups = {
            good("d", "2026-10-25T01:45:00Z"), // 02:45 for the second time
            good("c", "2026-10-25T01:15:00Z"),
            good("b", "2026-10-25T00:45:00Z"), // 02:45 for the first time
            good("a", "2026-10-25T00:15:00Z"),
        };

        assertThat(judgedAt(Instant.parse("2026-10-25T06:00:00Z"), BERLIN, policy(2, 0, 0, 0), backups))
                .containsExactly("d: last_good hourly", "c: gone", "b: hourly", "a: gone");
    }

    @Test
    void a_week_begins_on_monday_also_across_the_year() {
        assertThat(judged(
                        policy(0, 0, 2, 0),
                        good("sun-4-jan", "2026-01-04T12:00:00Z"),
                        good("mon-29-dec", "2025-12-29T12:00:00Z"),
                        good("sun-28-dec", "2025-12-28T12:00:00Z"),
                        good("sat-27-dec", "2025-12-27T12:00:00Z")))
                .containsExactly(
                        "sun-4-jan: last_good weekly", "mon-29-dec: gone", "sun-28-dec: weekly", "sat-27-dec: gone");
    }

    @Test
    void rules_add_up() {
        assertThat(judged(
                        new RetentionPolicy(1, 0, 0, 0, 2, 2, Optional.of(Duration.ofDays(1))),
                        good("now", "2026-04-20T11:00:00Z"),
                        good("yesterday", "2026-04-19T11:00:00Z"),
                        good("just-too-old", "2026-04-19T10:59:59Z"),
                        good("march", "2026-03-31T11:00:00Z"),
                        good("february", "2026-02-28T11:00:00Z"),
                        good("last-year", "2025-12-31T11:00:00Z")))
                .containsExactly(
                        "now: last_good last monthly yearly within",
                        "yesterday: within",
                        "just-too-old: gone",
                        "march: monthly",
                        "february: gone",
                        "last-year: yearly");
    }

    @Test
    void what_is_not_good_takes_no_place_and_stays_as_long_as_a_good_one_would() {
        assertThat(judged(
                        RetentionPolicy.keepLast(2),
                        corrupt("mon", "2026-04-20T03:00:00Z"),
                        good("sun", "2026-04-19T03:00:00Z"),
                        corrupt("sat", "2026-04-18T03:00:00Z"),
                        good("fri", "2026-04-17T03:00:00Z"),
                        corrupt("thu", "2026-04-16T03:00:00Z")))
                .containsExactly(
                        "mon: not_replaced no_newer_good",
                        "sun: last_good last",
                        "sat: not_replaced",
                        "fri: last",
                        "thu: gone");
    }

    @Test
    void where_none_is_good_all_stay() {
        assertThat(judged(
                        RetentionPolicy.keepLast(1),
                        corrupt("tue", "2026-04-14T03:00:00Z"),
                        good("mon", "2026-04-13T03:00:00Z").with(new Verification.Unchecked())))
                .containsExactly("tue: not_replaced no_newer_good", "mon: not_replaced no_newer_good");
    }

    @Test
    void what_is_from_the_future_stays_and_counts_nowhere() {
        assertThat(judged(
                        RetentionPolicy.keepLast(1),
                        verified("tomorrow", "2026-04-21T03:00:00Z"),
                        good("today", "2026-04-20T03:00:00Z"),
                        good("yesterday", "2026-04-19T03:00:00Z")))
                .containsExactly("tomorrow: in_the_future", "today: last_good last", "yesterday: gone");
    }

    @Test
    void a_good_one_out_of_scope_may_be_the_newer_one_but_takes_no_place() {
        assertThat(judged(
                        RetentionPolicy.keepLast(1),
                        with(Origin.MANUAL, good("wed", "2026-04-15T03:00:00Z")),
                        good("tue", "2026-04-14T03:00:00Z"),
                        good("mon", "2026-04-13T03:00:00Z")))
                .containsExactly("wed: out_of_scope last_good", "tue: last", "mon: gone");
    }

    @Test
    void what_is_pinned_or_in_use_stays() {
        var retention = retention(Profile.NATIVE, RetentionPolicy.keepLast(1));
        List<Backup> backups = List.of(
                good("wed", "2026-04-15T03:00:00Z"),
                good("tue", "2026-04-14T03:00:00Z").withPinned(true),
                good("mon", "2026-04-13T03:00:00Z"));

        assertThat(retention.judge(backups, Set.of(new BackupKey("mon")), NOW).stream()
                        .map(RetentionTest::word))
                .containsExactly("wed: last_good last", "tue: pinned", "mon: in_use");
    }

    @Test
    void the_way_back_from_the_last_restore_stays_where_all_else_goes() {
        var retention = retention(Profile.DISPATCHARR, RetentionPolicy.keepLast(1));
        List<Backup> backups = List.of(
                good("thu", "2026-04-16T03:00:00Z"),
                good("wed", "2026-04-15T03:00:00Z"),
                with(Origin.SAFETY, good("tue", "2026-04-14T03:00:00Z")),
                with(Origin.SAFETY, good("mon", "2026-04-13T03:00:00Z")));

        assertThat(retention.judge(backups, Set.of(), NOW).stream().map(RetentionTest::word))
                .containsExactly("thu: last_good last", "wed: gone", "tue: last_safety", "mon: gone");
    }

    @Test
    void a_safety_backup_that_is_not_from_one_moment_is_not_good_and_not_the_way_back() {
        var retention = retention(Profile.DISPATCHARR, RetentionPolicy.keepLast(1));
        List<Backup> backups = List.of(
                with(Origin.SAFETY, good("fri", "2026-04-17T03:00:00Z")).withInconsistency(Optional.of("mixed")),
                good("thu", "2026-04-16T03:00:00Z"),
                with(Origin.SAFETY, good("wed", "2026-04-15T03:00:00Z")).withInconsistency(Optional.of("mixed")),
                with(Origin.SAFETY, good("tue", "2026-04-14T03:00:00Z")));

        assertThat(retention.judge(backups, Set.of(), NOW.plusSeconds(7 * 86_400)).stream()
                        .map(RetentionTest::word))
                .containsExactly(
                        "fri: not_replaced no_newer_good", "thu: last_good last", "wed: gone", "tue: last_safety");
    }

    @Test
    void nothing_goes_without_a_policy() {
        assertThat(judged(
                        RetentionPolicy.NONE, good("tue", "2026-04-14T03:00:00Z"), good("mon", "2026-04-13T03:00:00Z")))
                .containsExactly("tue: no_policy last_good", "mon: no_policy");
    }

    @ParameterizedTest(name = "{0}, {1}, {2}: {3}")
    @CsvSource({
        "NATIVE,      AUTOMATIC, app_20260413_142530.db,                     true",
        "NATIVE,      MANUAL,    app_20260413_142530.db,                     false",
        "NATIVE,      UPLOADED,  app_20260413_142530.db,                     false",
        "NATIVE,      SAFETY,    app_20260413_142530.db,                     false",
        "NATIVE,      EXTERNAL,  app_20260413_142530.db,                     false",
        "JOBOPS,      AUTOMATIC, jobs_2026_04_13.db,                         true",
        "JOBOPS,      UPLOADED,  jobs_2026_04_13.db,                         true",
        "JOBOPS,      EXTERNAL,  jobs_2026_04_13.db,                         false",
        "JOBOPS,      MANUAL,    jobs_manual_2026_04_13_14_25_30.db,         false",
        "JOBOPS,      SAFETY,    jobs_manual_2026_04_13_14_25_30.db,         false",
        "POCKETBASE,  AUTOMATIC, @auto_pb_backup_acme_20260413142530.zip,    true",
        "POCKETBASE,  UPLOADED,  @auto_pb_backup_other_20260413142530.zip,   true",
        "POCKETBASE,  EXTERNAL,  @auto_pb_backup_acme_20260413142530.zip,    false",
        "POCKETBASE,  MANUAL,    pb_backup_acme_20260413142530.zip,          false",
        "POCKETBASE,  UPLOADED,  mine.zip,                                   false",
        "POCKETBASE,  SAFETY,    pb_backup_acme_20260413142530.zip,          false",
        "DISPATCHARR, AUTOMATIC, dispatcharr-backup-2026.04.13.14.25.30.zip, true",
        "DISPATCHARR, MANUAL,    dispatcharr-backup-2026.04.13.14.25.30.zip, true",
        "DISPATCHARR, UPLOADED,  dispatcharr-backup-old.zip,                 true",
        "DISPATCHARR, SAFETY,    dispatcharr-backup-2026.04.13.14.25.30.zip, false",
        "DISPATCHARR, EXTERNAL,  dispatcharr-backup-2026.04.13.14.25.30.zip, false",
    })
    void a_profile_says_what_retention_may_remove(Profile profile, Origin origin, String key, boolean goes) {
        Backup old = with(origin, good(key, "2026-04-13T14:25:30Z"));
        Backup newer =
                with(Origin.AUTOMATIC, good(key.replace("13", "14").replace("old", "new"), "2026-04-14T14:25:30Z"));
        Backup newest = with(Origin.MANUAL, good("newest", "2026-04-15T14:25:30Z"));

        assertThat(retention(profile, RetentionPolicy.keepLast(1)).judge(List.of(old, newer, newest), Set.of(), NOW))
                .filteredOn(it -> it.backup().equals(old) || it.backup().equals(newer))
                .filteredOn(RetentionDecision.Remove.class::isInstance)
                .extracting(RetentionDecision::backup)
                .isEqualTo(Stream.of(newer, old)
                        .filter(it -> it.equals(old) ? goes : profile == Profile.DISPATCHARR)
                        .toList());
    }

    /** As docs/guide.md says under "Uploaded and copied-in backups"; "may go" is of an upload. */
    @ParameterizedTest(name = "{0}: an upload with a planned name goes: {3}, any other upload: {4}")
    @CsvSource({
        "NATIVE,      app_202604%s_030000.db,                     mine.db,  false, false",
        "JOBOPS,      jobs_2026_04_%s.db,                         mine.db,  true,  false",
        "POCKETBASE,  @auto_pb_backup_acme_202604%s030000.zip,    mine.zip, true,  false",
        "DISPATCHARR, dispatcharr-backup-2026.04.%s.03.00.00.zip, mine.zip, true,  true",
    })
    void uploads_and_copied_in_files_count_for_no_rule(
            Profile profile, String planned, String other, boolean mayGo, boolean anyMayGo) {
        List<Backup> newestFirst = List.of(
                unmade(Origin.UPLOADED, planned, 18),
                unmade(Origin.EXTERNAL, planned, 17),
                good(planned.formatted("16"), "2026-04-16T03:00:00Z"),
                good(planned.formatted("15"), "2026-04-15T03:00:00Z"),
                unmade(Origin.UPLOADED, planned, 14),
                unmade(Origin.EXTERNAL, planned, 13),
                unmade(Origin.UPLOADED, other, 12),
                unmade(Origin.EXTERNAL, other.replace("mine", "put"), 11),
                good(planned.formatted("10"), "2026-04-10T03:00:00Z"));

        assertThat(retention(profile, RetentionPolicy.keepLast(2)).judge(newestFirst, Set.of(), NOW))
                .filteredOn(RetentionDecision.Remove.class::isInstance)
                .extracting(it -> it.backup().createdAt().atZone(ZoneOffset.UTC).getDayOfMonth())
                .isEqualTo(Stream.of(14, 12, 10)
                        .filter(day -> day == 14 ? mayGo : day != 12 || anyMayGo)
                        .toList());
    }

    private static Backup unmade(Origin origin, String name, int day) {
        return with(origin, verified(name.formatted(day), "2026-04-" + day + "T03:00:00Z"));
    }

    @Test
    void a_foreign_backup_stays_and_counts_for_nothing() {
        Backup newest = foreign(verified("fri", "2026-04-17T03:00:00Z"));
        Backup oldest = foreign(good("mon", "2026-04-13T03:00:00Z"));

        assertThat(judged(
                        RetentionPolicy.keepLast(1),
                        newest,
                        verified("thu", "2026-04-16T03:00:00Z"),
                        good("wed", "2026-04-15T03:00:00Z"),
                        oldest))
                .containsExactly("fri: foreign", "thu: last_good last_verified last", "wed: gone", "mon: foreign");
        assertThat(judged(RetentionPolicy.keepLast(1), newest.withPinned(true), oldest))
                .containsExactly("fri: foreign pinned", "mon: foreign");
    }

    @Test
    void a_foreign_safety_backup_does_not_take_the_place_of_the_own_one() {
        assertThat(retention(Profile.DISPATCHARR, RetentionPolicy.keepLast(1))
                        .judge(
                                List.of(
                                        verified("fri", "2026-04-17T03:00:00Z"),
                                        foreign(with(Origin.SAFETY, verified("thu", "2026-04-16T03:00:00Z"))),
                                        with(Origin.SAFETY, verified("wed", "2026-04-15T03:00:00Z"))),
                                Set.of(),
                                NOW))
                .extracting(RetentionTest::word)
                .containsExactly("fri: last_good last_verified last", "thu: foreign", "wed: last_safety");
    }

    private static Backup foreign(Backup backup) {
        return backup.inStoreOf(backup.database(), Optional.of(new DatabaseName("other")));
    }

    @Test
    void a_policy_counts_from_zero() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RetentionPolicy.keepLast(-1))
                .withMessage("retention: last -1, hourly 0, daily 0, weekly 0, monthly 0, yearly 0"
                        + " (expected: counts of 0 or more and a duration above zero)");
        assertThat(RetentionPolicy.isValid(0, 0, 0, 0, 0, 0, Optional.of(Duration.ZERO)))
                .isFalse();
        assertThat(RetentionPolicy.isValid(0, 0, 0, 0, 0, -1, Optional.empty())).isFalse();
        assertThat(RetentionPolicy.keepLast(0)).isEqualTo(RetentionPolicy.NONE);
    }

    private static RetentionPolicy policy(int hourly, int daily, int weekly, int monthly) {
        return new RetentionPolicy(0, hourly, daily, weekly, monthly, 0, Optional.empty());
    }

    private static Backup with(Origin origin, Backup backup) {
        return RetentionFixture.of(backup.key().value(), backup.createdAt(), origin, backup.verification());
    }

    private static Retention retention(Profile profile, RetentionPolicy policy) {
        var database = new Database(DatabaseName.DEFAULT, Source.of(Path.of("/srv/app.db")), profile, "app");
        return Retention.of(policy, database, ZoneOffset.UTC);
    }

    private static List<String> judged(RetentionPolicy policy, Backup... backups) {
        return judgedIn(ZoneOffset.UTC, policy, backups);
    }

    private static List<String> judgedIn(ZoneId zone, RetentionPolicy policy, Backup... backups) {
        return judgedAt(NOW, zone, policy, backups);
    }

    private static List<String> judgedAt(Instant now, ZoneId zone, RetentionPolicy policy, Backup... backups) {
        Retention utc = retention(Profile.NATIVE, policy);
        return new Retention(policy, utc.scope(), utc.naming(), zone)
                .judge(List.of(backups), Set.of(), now).stream()
                        .map(RetentionTest::word)
                        .toList();
    }

    private static String word(RetentionDecision verdict) {
        String key = verdict.backup().key().value();
        return switch (verdict) {
            case RetentionDecision.Remove _ -> key + ": gone";
            case RetentionDecision.Keep(Backup _, Set<RetentionReason> reasons) ->
                key + ": "
                        + String.join(
                                " ", reasons.stream().map(RetentionReason::id).toList());
        };
    }
}
