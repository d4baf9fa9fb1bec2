package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.retention.SourceHistories;
import dev.holdfast.domain.backup.Assessment;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.MainImage;
import dev.holdfast.domain.backup.Suspicion;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.retention.RetentionPause;
import dev.holdfast.domain.retention.SourceHistory;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Compares new backups with the ones before them, and begins and ends pauses of retention. The comparison and the
 * publication are one step for {@link #resume}: a backup that was compared before is never published after it.
 */
final class Assessing {
    private static final System.Logger LOG = System.getLogger(Assessing.class.getName());

    private final SourceHistories histories;
    private final Map<DatabaseName, ReentrantLock> locks = new ConcurrentHashMap<>();

    Assessing(SourceHistories histories) {
        this.histories = histories;
    }

    /** @param publish publishes the backup with the result of the comparison */
    Outcome<Backup> publish(
            RegisteredDatabase registered, MainImage image, Instant at, Function<Assessment, Outcome<Backup>> publish) {
        DatabaseName name = registered.database().name();
        ReentrantLock lock = locks.computeIfAbsent(name, _ -> new ReentrantLock());
        lock.lock();
        try {
            SourceHistory history = histories.of(name, registered.store().list());
            return publish.apply(history.assess(image, at)).then(backup -> {
                report(registered, history, backup);
                return Outcome.done(backup);
            });
        } finally {
            lock.unlock();
        }
    }

    private static void report(RegisteredDatabase registered, SourceHistory history, Backup backup) {
        Optional<String> doubt = backup.doubt();
        if (doubt.isEmpty()) {
            history.openBackups().forEach(it -> close(registered, it));
            return;
        }
        boolean begins = backup.suspicion().filter(Suspicion::begins).isPresent();
        LOG.log(
                begins ? Level.WARNING : Level.INFO,
                "Retention of database " + backup.database() + (begins ? " is paused" : " stays paused") + ": backup "
                        + backup.key() + " is suspicious. " + doubt.get() + " No backup of the database expires until "
                        + "a backup is as usual again, a restore, or a call of resume-retention.");
    }

    /** What is over stays so if this fails: the next backup that is as usual tries again. */
    private static void close(RegisteredDatabase registered, Backup suspicious) {
        try {
            registered
                    .store()
                    .update(
                            suspicious.key(),
                            it -> it.assessment()
                                    .map(Assessment::closed)
                                    .map(it::with)
                                    .orElse(it));
        } catch (ProblemException e) {
            LOG.log(
                    Level.WARNING,
                    "Retention of database " + suspicious.database() + " stays paused, since the end of the pause"
                            + " cannot be recorded; the next backup tries again: " + e.getMessage());
        }
    }

    /** @return whether there was a pause */
    boolean resume(RegisteredDatabase registered, Audit audit, String who, Instant now) {
        DatabaseName name = registered.database().name();
        ReentrantLock lock = locks.computeIfAbsent(name, _ -> new ReentrantLock());
        lock.lock();
        try {
            SourceHistory history = histories.of(name, registered.store().list());
            Optional<RetentionPause> pause = history.pause();
            pause.ifPresent(it -> {
                audit.add(new AuditEntry(now, who, "retention.resume", name, detail(it)));
                int era = history.era() + 1;
                history.openBackups().forEach(backup -> accept(registered, backup, era));
                LOG.log(Level.INFO, "Retention of database " + name + " goes on, by " + who);
            });
            return pause.isPresent();
        } finally {
            lock.unlock();
        }
    }

    private static String detail(RetentionPause pause) {
        return "paused since " + pause.since() + ": " + pause.reason();
    }

    private static void accept(RegisteredDatabase registered, Backup suspicious, int era) {
        registered
                .store()
                .update(
                        suspicious.key(),
                        it -> it.with(it.assessment().orElse(Assessment.NONE).accepted(era)));
    }
}
