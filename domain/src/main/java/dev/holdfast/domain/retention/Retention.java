package dev.holdfast.domain.retention;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.profile.Naming;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which of one database's backups stay.
 *
 * <p>{@link Backup#isGood} says which ones are <em>good</em>. A good backup is <em>verified</em> if one of its databases
 * passed a check ({@link Depth#QUICK} or deeper). A backup goes only if all of this holds: the policy has a rule, the backup is
 * in scope, of this database, not from the future, neither pinned nor in use, neither the last good nor the last verified one nor the last
 * safety backup, a newer good one exists, and no rule keeps it.
 *
 * <ul>
 *   <li>Rules count good backups in scope alone, pinned ones among them. A rule of the calendar keeps the newest of each
 *       period; as long as it has fewer periods than it asks for, it keeps the oldest one as well.
 *   <li>A backup that is not good takes no place in any rule, and so never pushes a good one out. It stays exactly as
 *       long as it would if it were good: it may be the only copy of its time, and a corrupt one is there to be looked
 *       into. If it is newer than every good one it stays in any case.
 *   <li>Backups from the future count nowhere, neither in a rule nor as the newer good one.
 *   <li>A foreign backup, whose metadata names another database, counts nowhere either and never goes.
 *   <li>What is out of scope counts in no rule, but may be the last good one, or the newer good one of another.
 * </ul>
 *
 * <p>From this follows: backups that fail, for however long, make nothing older go; a second run right after the first
 * removes nothing; a rule added to a policy that has one, or a higher count, never makes more go.
 *
 * @param naming of the database, where names tell which backups are automatic
 * @param zone whose calendar says where an hour, a day, a week begins
 */
public record Retention(RetentionPolicy policy, RetentionScope scope, Naming naming, ZoneId zone) {

    public static Retention of(RetentionPolicy policy, Database database, ZoneId zone) {
        return new Retention(policy, RetentionScope.of(database.profile()), database.naming(), zone);
    }

    /**
     * One verdict for each backup, newest first. Removes nothing itself.
     *
     * @param backups all of the database, in any order
     * @param inUse which of them must not go now
     */
    public List<RetentionDecision> judge(Collection<Backup> backups, Set<BackupKey> inUse, Instant now) {
        return judge(backups, inUse, now, false);
    }

    /** @param paused whether a suspicious backup has made retention pause: then every backup stays */
    public List<RetentionDecision> judge(
            Collection<Backup> backups, Set<BackupKey> inUse, Instant now, boolean paused) {
        List<Backup> newestFirst = backups.stream().sorted(Backup.newestFirst()).toList();
        List<Backup> good = newestFirst.stream()
                .filter(it -> !it.createdAt().isAfter(now))
                .filter(Backup::isGood)
                .toList();
        var walk = new Walk(
                new RetentionRules(policy, zone),
                inUse,
                now,
                paused,
                good.stream().findFirst(),
                good.stream().filter(Retention::isVerified).findFirst(),
                newestFirst.stream()
                        .filter(it -> it.origin() == Origin.SAFETY && it.isConsistent() && !it.isForeign())
                        .filter(it -> !it.createdAt().isAfter(now))
                        .findFirst(),
                good.reversed().stream().filter(this::isInScope).findFirst());
        return newestFirst.stream().map(it -> verdict(it, reasons(it, walk))).toList();
    }

    private static RetentionDecision verdict(Backup backup, Set<RetentionReason> reasons) {
        return reasons.isEmpty() ? new RetentionDecision.Remove(backup) : new RetentionDecision.Keep(backup, reasons);
    }

    /** To be asked newest first, for the rules count along. */
    private Set<RetentionReason> reasons(Backup backup, Walk walk) {
        Set<RetentionReason> reasons = EnumSet.noneOf(RetentionReason.class);
        addIf(policy.isEmpty(), RetentionReason.NO_POLICY, reasons);
        addIf(walk.paused, RetentionReason.RETENTION_PAUSED, reasons);
        addIf(backup.pinned(), RetentionReason.PINNED, reasons);
        addIf(walk.inUse.contains(backup.key()), RetentionReason.IN_USE, reasons);
        if (backup.isForeign()) {
            reasons.add(RetentionReason.FOREIGN);
            return reasons;
        }
        addIf(!isInScope(backup), RetentionReason.OUT_OF_SCOPE, reasons);
        if (backup.createdAt().isAfter(walk.now)) {
            reasons.add(RetentionReason.IN_THE_FUTURE);
            return reasons;
        }
        addIf(walk.lastGood.filter(backup::equals).isPresent(), RetentionReason.LAST_GOOD, reasons);
        addIf(walk.lastVerified.filter(backup::equals).isPresent(), RetentionReason.LAST_VERIFIED, reasons);
        addIf(walk.lastSafety.filter(backup::equals).isPresent(), RetentionReason.LAST_SAFETY, reasons);
        addIf(walk.lastGood.filter(it -> !isNewer(backup, it)).isEmpty(), RetentionReason.NO_NEWER_GOOD, reasons);
        if (isInScope(backup)) {
            reasons.addAll(keepingRules(backup, walk));
        }
        return reasons;
    }

    private static void addIf(boolean applies, RetentionReason reason, Set<RetentionReason> reasons) {
        if (applies) {
            reasons.add(reason);
        }
    }

    private static boolean isNewer(Backup one, Backup other) {
        return Backup.newestFirst().compare(one, other) < 0;
    }

    private Set<RetentionReason> keepingRules(Backup backup, Walk walk) {
        boolean oldest = walk.oldestInScope.filter(it -> isNewer(backup, it)).isEmpty();
        Set<RetentionReason> keeping = walk.rules.keeping(backup.createdAt(), oldest);
        if (backup.isGood()) {
            walk.rules.count(backup.createdAt());
            return keeping;
        }
        return keeping.isEmpty() ? keeping : EnumSet.of(RetentionReason.NOT_REPLACED);
    }

    private boolean isInScope(Backup backup) {
        return scope.contains(backup, naming);
    }

    private static boolean isVerified(Backup good) {
        return good.verification() instanceof Verification.Passed passed
                && passed.depth().compareTo(Depth.QUICK) >= 0;
    }

    /** What is the same for all of the backups judged together. */
    private record Walk(
            RetentionRules rules,
            Set<BackupKey> inUse,
            Instant now,
            boolean paused,
            Optional<Backup> lastGood,
            Optional<Backup> lastVerified,
            Optional<Backup> lastSafety,
            Optional<Backup> oldestInScope) {}
}
