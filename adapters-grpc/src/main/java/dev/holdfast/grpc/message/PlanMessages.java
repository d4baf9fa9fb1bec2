package dev.holdfast.grpc.message;

import dev.holdfast.application.plan.PlanService.View;
import dev.holdfast.application.plan.PlanStore.Drill;
import dev.holdfast.application.plan.PlanStore.Kept;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.retention.RetentionDecision;
import dev.holdfast.domain.retention.RetentionPolicy;
import dev.holdfast.grpc.v1.DayOfWeek;
import dev.holdfast.grpc.v1.Depth;
import dev.holdfast.grpc.v1.DrillOutcome;
import dev.holdfast.grpc.v1.Drilled;
import dev.holdfast.grpc.v1.Fate;
import dev.holdfast.grpc.v1.Freshness;
import dev.holdfast.grpc.v1.Plan;
import dev.holdfast.grpc.v1.PlanStatus;
import dev.holdfast.grpc.v1.Retention;
import dev.holdfast.grpc.v1.RetentionPause;
import dev.holdfast.grpc.v1.RetentionReason;
import dev.holdfast.grpc.v1.RetentionVerdict;
import dev.holdfast.grpc.v1.Schedule;
import java.time.Duration;

/** Plans and how far they have come as messages. */
public final class PlanMessages {
    private PlanMessages() {}

    public static Plan plan(View view) {
        dev.holdfast.domain.plan.Plan plan = view.inForce().plan();
        return Plan.newBuilder()
                .setSchedule(of(plan.backups().schedule()))
                .setTimeZone(plan.backups().zone().getId())
                .setCatchUp(plan.catchUp())
                .setRetention(of(plan.retention()))
                .setVerifyDepth(EnumNames.of(Depth.class, plan.verifyDepth()))
                .setRecheckEvery(ProtoTimestamps.of(plan.recheckEvery().orElse(Duration.ZERO)))
                .setDrill(of(plan.drills().schedule()))
                .setFreshness(of(plan.freshness()))
                .build();
    }

    public static PlanStatus status(View view) {
        PlanStatus.Builder message = PlanStatus.newBuilder();
        view.nextRun().map(ProtoTimestamps::of).ifPresent(message::setNextRun);
        view.lastRun()
                .map(it -> OperationMessages.of(it, it.finishedAt().orElse(it.startedAt())))
                .ifPresent(message::setLastRun);
        view.nextDrill().map(ProtoTimestamps::of).ifPresent(message::setNextDrill);
        view.lastDrill()
                .ifPresent(
                        drill -> message.setLastDrill(of(view, drill)).setLastDrillAt(ProtoTimestamps.of(drill.at())));
        view.lastDrill().flatMap(Drill::provenAt).map(ProtoTimestamps::of).ifPresent(message::setLastProvenRestorable);
        view.inForce().kept().map(Kept::changedBy).ifPresent(message::setChangedBy);
        view.inForce().kept().map(Kept::changedAt).map(ProtoTimestamps::of).ifPresent(message::setChangedAt);
        view.retentionPaused().map(PlanMessages::of).ifPresent(message::setRetentionPaused);
        return message.build();
    }

    public static RetentionPause of(dev.holdfast.domain.retention.RetentionPause pause) {
        return RetentionPause.newBuilder()
                .setSince(ProtoTimestamps.of(pause.since()))
                .setReason(pause.reason())
                .build();
    }

    public static RetentionVerdict verdict(RetentionDecision verdict) {
        RetentionVerdict.Builder message = RetentionVerdict.newBuilder().setBackup(BackupMessages.of(verdict.backup()));
        return switch (verdict) {
            case RetentionDecision.Remove _ -> message.setFate(Fate.FATE_REMOVE).build();
            case RetentionDecision.Keep(var _, var reasons) ->
                message.setFate(Fate.FATE_KEEP)
                        .addAllReasons(reasons.stream()
                                .map(it -> EnumNames.of(RetentionReason.class, it))
                                .toList())
                        .build();
        };
    }

    private static Drilled of(View view, Drill drill) {
        Drilled.Builder message = Drilled.newBuilder()
                .setDatabase(view.inForce().registered().database().name().value())
                .setOutcome(EnumNames.of(DrillOutcome.class, drill.outcome()))
                .setText(drill.text());
        drill.backup().map(BackupKey::value).ifPresent(message::setFilename);
        return message.build();
    }

    private static Schedule of(dev.holdfast.domain.schedule.Schedule schedule) {
        Schedule.Builder message = Schedule.newBuilder();
        return switch (schedule) {
            case dev.holdfast.domain.schedule.Schedule.Off() ->
                message.setOff(Schedule.Off.getDefaultInstance()).build();
            case dev.holdfast.domain.schedule.Schedule.Hourly(int every, int minute) ->
                message.setHourly(Schedule.Hourly.newBuilder().setEvery(every).setMinute(minute))
                        .build();
            case dev.holdfast.domain.schedule.Schedule.Daily(var at) ->
                message.setDaily(Schedule.Daily.newBuilder().setAt(at.toString()))
                        .build();
            case dev.holdfast.domain.schedule.Schedule.Weekly(var days, var at) ->
                message.setWeekly(Schedule.Weekly.newBuilder()
                                .addAllDays(days.stream()
                                        .sorted()
                                        .map(it -> EnumNames.of(DayOfWeek.class, it))
                                        .toList())
                                .setAt(at.toString()))
                        .build();
            case dev.holdfast.domain.schedule.Schedule.Monthly(int day, var at) ->
                message.setMonthly(Schedule.Monthly.newBuilder().setDay(day).setAt(at.toString()))
                        .build();
            case dev.holdfast.domain.schedule.Schedule.Cron(var line) ->
                message.setCron(line.text()).build();
        };
    }

    private static Retention of(RetentionPolicy policy) {
        Retention.Builder message = Retention.newBuilder()
                .setLast(policy.last())
                .setHourly(policy.hourly())
                .setDaily(policy.daily())
                .setWeekly(policy.weekly())
                .setMonthly(policy.monthly())
                .setYearly(policy.yearly());
        policy.within().map(ProtoTimestamps::of).ifPresent(message::setWithin);
        return message.build();
    }

    private static Freshness of(dev.holdfast.domain.plan.Freshness freshness) {
        Freshness.Builder message = Freshness.newBuilder().setMinSize(freshness.minSize());
        freshness.maxAge().map(ProtoTimestamps::of).ifPresent(message::setMaxAge);
        return message.build();
    }
}
