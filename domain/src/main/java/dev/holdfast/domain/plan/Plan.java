package dev.holdfast.domain.plan;

import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.retention.RetentionPolicy;
import dev.holdfast.domain.schedule.Timetable;
import java.time.Duration;
import java.util.Optional;

/**
 * What is done with one database without anybody asking.
 *
 * @param backups when backups are made
 * @param catchUp whether a backup that was due while the server was down is made at its next start, once
 * @param retention which of them stay after a planned backup
 * @param verifyDepth how deeply each new backup is checked before it is listed, and stored ones later
 * @param recheckEvery how old a stored backup's last check may be before it is checked again; empty for never
 * @param drills when the newest backup is restored into a scratch directory and compared; in the zone of {@code backups}
 */
public record Plan(
        Timetable backups,
        boolean catchUp,
        RetentionPolicy retention,
        Depth verifyDepth,
        Optional<Duration> recheckEvery,
        Timetable drills,
        Freshness freshness) {}
