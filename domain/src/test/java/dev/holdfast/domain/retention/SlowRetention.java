package dev.holdfast.domain.retention;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The oracle: each backup is asked about by itself, and every answer is counted again from the whole list. */
final class SlowRetention {
    private final RetentionPolicy policy;
    private final Predicate<Backup> inScope;
    private final ZoneId zone;
    private final Collection<Backup> all;
    private final Set<BackupKey> inUse;
    private final Instant now;

    SlowRetention(
            RetentionPolicy policy,
            Predicate<Backup> inScope,
            ZoneId zone,
            Collection<Backup> all,
            Set<BackupKey> inUse,
            Instant now) {
        this.policy = policy;
        this.inScope = inScope;
        this.zone = zone;
        this.all = all;
        this.inUse = inUse;
        this.now = now;
    }

    /** The words of the reasons for which it stays; none if it goes. */
    Set<String> reasons(Backup backup) {
        Set<String> reasons = new TreeSet<>();
        if (policy.equals(RetentionPolicy.NONE)) {
            reasons.add("no_policy");
        }
        if (backup.pinned()) {
            reasons.add("pinned");
        }
        if (inUse.contains(backup.key())) {
            reasons.add("in_use");
        }
        if (!inScope.test(backup)) {
            reasons.add("out_of_scope");
        }
        if (backup.createdAt().isAfter(now)) {
            reasons.add("in_the_future");
            return reasons;
        }
        if (good(backup) && present().filter(SlowRetention::good).noneMatch(it -> newer(it, backup))) {
            reasons.add("last_good");
        }
        if (verified(backup) && present().filter(SlowRetention::verified).noneMatch(it -> newer(it, backup))) {
            reasons.add("last_verified");
        }
        if (backup.origin() == Origin.SAFETY
                && present().filter(it -> it.origin() == Origin.SAFETY).noneMatch(it -> newer(it, backup))) {
            reasons.add("last_safety");
        }
        if (!good(backup) && present().filter(SlowRetention::good).noneMatch(it -> newer(it, backup))) {
            reasons.add("no_newer_good");
        }
        if (inScope.test(backup)) {
            Set<String> rules = keptByRules(backup);
            if (good(backup)) {
                reasons.addAll(rules);
            } else if (!rules.isEmpty()) {
                reasons.add("not_replaced");
            }
        }
        return reasons;
    }

    /** What the rules would say if this one were good and all else were as it is. */
    private Set<String> keptByRules(Backup backup) {
        List<Backup> counted = new ArrayList<>(present()
                .filter(inScope)
                .filter(SlowRetention::good)
                .filter(it -> !it.equals(backup))
                .toList());
        counted.add(backup);
        Set<String> kept = new TreeSet<>();
        long newerOnes = counted.stream().filter(it -> newer(it, backup)).count();
        if (newerOnes < policy.last()) {
            kept.add("last");
        }
        if (newestOfPeriods(counted, policy.hourly(), this::hour).contains(backup)) {
            kept.add("hourly");
        }
        if (newestOfPeriods(counted, policy.daily(), it -> local(it).toString()).contains(backup)) {
            kept.add("daily");
        }
        if (newestOfPeriods(counted, policy.weekly(), this::week).contains(backup)) {
            kept.add("weekly");
        }
        if (newestOfPeriods(
                        counted, policy.monthly(), it -> local(it).toString().substring(0, 7))
                .contains(backup)) {
            kept.add("monthly");
        }
        if (newestOfPeriods(counted, policy.yearly(), it -> local(it).toString().substring(0, 4))
                .contains(backup)) {
            kept.add("yearly");
        }
        Instant newest =
                counted.stream().map(Backup::createdAt).max(Instant::compareTo).orElseThrow();
        if (policy.within().isPresent()
                && !backup.createdAt().isBefore(newest.minus(policy.within().get()))) {
            kept.add("within");
        }
        return kept;
    }

    private List<Backup> newestOfPeriods(List<Backup> counted, int count, Function<Backup, String> period) {
        Map<String, Backup> newest = new TreeMap<>();
        for (Backup each : counted) {
            newest.merge(period.apply(each), each, (one, other) -> newer(one, other) ? one : other);
        }
        List<Backup> kept = new ArrayList<>(newest.values().stream()
                .sorted(Backup.newestFirst())
                .limit(count)
                .toList());
        if (newest.size() < count) {
            kept.add(counted.stream().max(Backup.newestFirst()).orElseThrow());
        }
        return kept;
    }

    private LocalDate local(Backup backup) {
        return backup.createdAt().atZone(zone).toLocalDate();
    }

    private String hour(Backup backup) {
        var at = backup.createdAt().atZone(zone);
        return at.toLocalDate() + "T" + at.getHour() + at.getOffset();
    }

    private String week(Backup backup) {
        LocalDate date = local(backup);
        return date.get(IsoFields.WEEK_BASED_YEAR) + "-W" + date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
    }

    private Stream<Backup> present() {
        return all.stream().filter(it -> !it.createdAt().isAfter(now));
    }

    private static boolean newer(Backup one, Backup other) {
        int byTime = one.createdAt().compareTo(other.createdAt());
        return byTime > 0
                || (byTime == 0 && one.key().value().compareTo(other.key().value()) > 0);
    }

    private static boolean good(Backup backup) {
        return backup.verification() instanceof Verification.Passed
                && backup.origin() != Origin.EXTERNAL
                && backup.origin() != Origin.UPLOADED;
    }

    private static boolean verified(Backup backup) {
        return good(backup)
                && backup.verification() instanceof Verification.Passed passed
                && passed.depth() != Depth.CHECKSUM;
    }
}
