package dev.holdfast.domain.retention;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random lists of backups under random policies. A failure names its seed. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RetentionPropertiesTest {
    private static final int CASES = 12_000;

    /** The morning after clocks went back in Berlin; half an hour's overlap in Lord Howe lies half a year before. */
    private static final Instant NOW = Instant.parse("2026-10-25T06:00:00Z");

    private static final List<ZoneId> ZONES = Stream.of(
                    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
            .map(ZoneId::of)
            .toList();

    private record Case(long seed, Retention retention, Profile profile, List<Backup> backups, Set<BackupKey> inUse) {
        static Case of(long seed) {
            var random = new Random(seed);
            Profile profile = any(Profile.values(), random);
            var retention = new Retention(
                    policy(random),
                    RetentionScope.of(profile),
                    Naming.of(profile, "app"),
                    ZONES.get(random.nextInt(ZONES.size())));
            long reach = reach(random);
            List<Backup> backups = new ArrayList<>(IntStream.range(0, random.nextInt(30))
                    .mapToObj(it -> backup(it, reach, profile, random))
                    .toList());
            Collections.shuffle(backups, random);
            Set<BackupKey> inUse = backups.stream()
                    .filter(_ -> random.nextInt(12) == 0)
                    .map(Backup::key)
                    .collect(toSet());
            return new Case(seed, retention, profile, List.copyOf(backups), inUse);
        }

        List<RetentionDecision> judge() {
            return judge(retention.policy(), backups);
        }

        List<RetentionDecision> judge(RetentionPolicy policy, List<Backup> of) {
            return new Retention(policy, retention.scope(), retention.naming(), retention.zone()).judge(of, inUse, NOW);
        }

        @Override
        public String toString() {
            return "seed " + seed + ", " + profile + ", " + retention.policy() + ", " + retention.zone();
        }
    }

    private static RetentionPolicy policy(Random random) {
        int[] counts =
                random.ints(6, 0, 6).map(it -> random.nextBoolean() ? 0 : it).toArray();
        Optional<Duration> within = random.nextInt(3) == 0
                ? Optional.of(Duration.ofMinutes(1 + random.nextInt(60 * 24 * 60)))
                : Optional.empty();
        return new RetentionPolicy(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], within);
    }

    /** From hours to years, so that each rule has cases where its periods are crowded and where they are empty. */
    private static long reach(Random random) {
        return Duration.ofHours(1L << (1 + random.nextInt(15))).toSeconds();
    }

    private static Backup backup(int number, long reach, Profile profile, Random random) {
        // Every so often from the future. On whole minutes in one list of four, so that times coincide.
        long age = random.nextLong(-reach / 20 - 1, reach);
        Instant createdAt = NOW.minusSeconds(random.nextInt(4) == 0 ? age / 60 * 60 : age);
        Origin origin = random.nextInt(3) == 0 ? any(Origin.values(), random) : Origin.AUTOMATIC;
        Verification verification = switch (random.nextInt(8)) {
            case 0 -> new Verification.Unchecked();
            case 1 -> new Verification.Corrupt(any(Depth.values(), random), NOW, "broken");
            case 2 -> RetentionFixture.passed(Depth.FULL);
            case 3 -> RetentionFixture.passed(Depth.QUICK);
            default -> RetentionFixture.passed(Depth.CHECKSUM);
        };
        return RetentionFixture.of(name(number, profile, random), createdAt, origin, verification)
                .withPinned(random.nextInt(12) == 0);
    }

    private static String name(int number, Profile profile, Random random) {
        boolean automatic = random.nextInt(4) != 0;
        return switch (profile) {
            case NATIVE -> "app_20260413_1425%02d.db".formatted(number);
            case JOBOPS ->
                automatic
                        ? "jobs_2026_04_%02d.db".formatted(number)
                        : "jobs_manual_2026_04_13_14_25_%02d.db".formatted(number);
            case POCKETBASE ->
                (automatic ? "@auto_pb_backup_" : "pb_backup_") + "a_202604131425%02d.zip".formatted(number);
            case DISPATCHARR -> "dispatcharr-backup-2026.04.13.14.25.%02d.zip".formatted(number);
        };
    }

    private static <T> T any(T[] values, Random random) {
        return values[random.nextInt(values.length)];
    }

    private static Stream<Case> cases() {
        return IntStream.range(0, CASES).mapToObj(Case::of);
    }

    private static Set<BackupKey> removed(List<RetentionDecision> verdicts) {
        return verdicts.stream()
                .filter(RetentionDecision.Remove.class::isInstance)
                .map(it -> it.backup().key())
                .collect(toSet());
    }

    private static Set<String> words(RetentionDecision verdict) {
        return switch (verdict) {
            case RetentionDecision.Remove _ -> Set.of();
            case RetentionDecision.Keep(Backup _, Set<RetentionReason> reasons) ->
                reasons.stream().map(RetentionReason::id).collect(toCollection(TreeSet::new));
        };
    }

    /** Scope in the words of the systems, not in those of the code. */
    private static boolean inScope(Backup backup, Profile profile) {
        String name = backup.key().value();
        boolean ours = backup.origin() != Origin.EXTERNAL && backup.origin() != Origin.SAFETY;
        return switch (profile) {
            case NATIVE -> backup.origin() == Origin.AUTOMATIC;
            case POCKETBASE -> ours && name.startsWith("@auto_pb_backup_");
            case JOBOPS -> ours && name.startsWith("jobs_") && !name.startsWith("jobs_manual_");
            case DISPATCHARR -> backup.origin() != Origin.EXTERNAL;
        };
    }

    @Test
    void every_verdict_and_its_reasons_are_the_slow_oracle_s() {
        long[] counts = new long[2];
        cases().forEach(it -> {
            var oracle = new SlowRetention(
                    it.retention().policy(),
                    backup -> inScope(backup, it.profile()),
                    it.retention().zone(),
                    it.backups(),
                    it.inUse(),
                    NOW);
            List<RetentionDecision> verdicts = it.judge();
            assertThat(verdicts)
                    .as(it.toString())
                    .extracting(RetentionDecision::backup)
                    .containsExactlyElementsOf(
                            it.backups().stream().sorted(Backup.newestFirst()).toList());
            for (RetentionDecision verdict : verdicts) {
                assertThat(words(verdict))
                        .as("%s, %s", it, verdict.backup())
                        .isEqualTo(oracle.reasons(verdict.backup()));
                counts[verdict instanceof RetentionDecision.Remove ? 0 : 1]++;
            }
        });
        // Cases in which nothing goes, or all does, would show little.
        assertThat(counts[0]).isGreaterThan(CASES);
        assertThat(counts[1]).isGreaterThan(CASES);
    }

    @Test
    void a_second_run_removes_nothing_more() {
        cases().forEach(it -> {
            Set<BackupKey> gone = removed(it.judge());
            List<Backup> left = it.backups().stream()
                    .filter(backup -> !gone.contains(backup.key()))
                    .toList();
            assertThat(removed(it.judge(it.retention().policy(), left)))
                    .as(it.toString())
                    .isEmpty();
        });
    }

    @Test
    void a_larger_policy_never_removes_more() {
        cases().filter(it -> !it.retention().policy().isEmpty()).forEach(it -> {
            RetentionPolicy larger = larger(it.retention().policy(), new Random(it.seed()));
            assertThat(removed(it.judge()))
                    .as("%s, and %s", it, larger)
                    .containsAll(removed(it.judge(larger, it.backups())));
        });
    }

    private static RetentionPolicy larger(RetentionPolicy than, Random random) {
        return new RetentionPolicy(
                than.last() + random.nextInt(3),
                than.hourly() + random.nextInt(3),
                than.daily() + random.nextInt(3),
                than.weekly() + random.nextInt(3),
                than.monthly() + random.nextInt(3),
                than.yearly() + random.nextInt(3),
                than.within()
                        .map(it -> it.plusHours(random.nextInt(100)))
                        .or(() -> random.nextBoolean() ? Optional.of(Duration.ofDays(3)) : Optional.empty()));
    }

    @Test
    void nothing_goes_without_a_rule() {
        cases().forEach(it -> assertThat(removed(it.judge(RetentionPolicy.NONE, it.backups())))
                .as(it.toString())
                .isEmpty());
    }

    @Test
    void what_is_pinned_in_use_from_the_future_or_the_last_of_its_kind_stays_and_what_goes_has_a_newer_good_one() {
        cases().forEach(it -> {
            Set<BackupKey> gone = removed(it.judge());
            List<Backup> present = it.backups().stream()
                    .filter(backup -> !backup.createdAt().isAfter(NOW))
                    .sorted(Backup.newestFirst())
                    .toList();
            Stream<Backup> lastGood =
                    present.stream().filter(good -> isGood(good)).limit(1);
            Stream<Backup> lastVerified = present.stream()
                    .filter(good ->
                            isGood(good) && !good.verification().equals(RetentionFixture.passed(Depth.CHECKSUM)))
                    .limit(1);
            Stream<Backup> others = it.backups().stream()
                    .filter(backup -> backup.pinned()
                            || it.inUse().contains(backup.key())
                            || backup.createdAt().isAfter(NOW));
            Stream<Backup> lastSafety = present.stream()
                    .filter(backup -> backup.origin() == Origin.SAFETY)
                    .limit(1);
            Stream<Backup> newerThanGood = present.stream().takeWhile(backup -> !isGood(backup));
            assertThat(Stream.of(lastGood, lastVerified, lastSafety, others, newerThanGood)
                            .flatMap(stream -> stream)
                            .map(Backup::key)
                            .filter(gone::contains))
                    .as(it.toString())
                    .isEmpty();
        });
    }

    /** What a first run has left stays through a week of nights whose backups are all broken. */
    @Test
    void a_week_of_failing_backups_removes_nothing() {
        cases().forEach(it -> {
            Set<BackupKey> gone = removed(it.judge());
            List<Backup> list = new ArrayList<>(it.backups().stream()
                    .filter(backup -> !gone.contains(backup.key()))
                    .filter(backup -> !backup.createdAt().isAfter(NOW))
                    .toList());
            for (int night = 1; night <= 7; night++) {
                Instant at = NOW.plus(Duration.ofDays(night));
                list.add(RetentionFixture.of(
                        name(40 + night, it.profile(), new Random(night)),
                        at,
                        Origin.AUTOMATIC,
                        new Verification.Corrupt(Depth.QUICK, at, "broken")));
                assertThat(removed(it.retention().judge(list, it.inUse(), at)))
                        .as("%s, night %s", it, night)
                        .isEmpty();
            }
        });
    }

    private static boolean isGood(Backup backup) {
        return backup.verification() instanceof Verification.Passed
                && backup.origin() != Origin.EXTERNAL
                && backup.origin() != Origin.UPLOADED;
    }
}
