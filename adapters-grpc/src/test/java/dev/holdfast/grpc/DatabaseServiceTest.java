package dev.holdfast.grpc;

import static dev.holdfast.grpc.InProcess.refusal;
import static dev.holdfast.grpc.OverviewFixture.database;
import static dev.holdfast.grpc.OverviewFixture.overview;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.rpc.BadRequest;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.database.Database;
import dev.holdfast.grpc.InProcess.Refusal;
import dev.holdfast.grpc.v1.DayOfWeek;
import dev.holdfast.grpc.v1.Depth;
import dev.holdfast.grpc.v1.Freshness;
import dev.holdfast.grpc.v1.GetPlanRequest;
import dev.holdfast.grpc.v1.ListDatabasesRequest;
import dev.holdfast.grpc.v1.ListDatabasesResponse;
import dev.holdfast.grpc.v1.Plan;
import dev.holdfast.grpc.v1.Retention;
import dev.holdfast.grpc.v1.Schedule;
import dev.holdfast.grpc.v1.UpdatePlanRequest;
import io.grpc.Status;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Plans go through the real rules, so that what a message says is what they understand. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DatabaseServiceTest {
    private static final InstantSource CLOCK = InstantSource.fixed(FakeOperations.NOON);
    private static final Database DATABASE = database("default");

    private final StubUseCases given = new StubUseCases();

    DatabaseServiceTest() {
        var store = new InMemoryPlanStore();
        var plans = new Plans(
                new Databases(List.of(new RegisteredDatabase(DATABASE, new InMemoryBackupStore()))),
                Map.of(DATABASE.name(), PlanProperties.of(Map.of("retention.last", "7", "schedule.kind", "hourly"))),
                store,
                new PlanParser(),
                CLOCK);
        given.plans = PlanService.using(plans, store, new InMemoryOperationLog(), CLOCK);
    }

    @Test
    void databases_are_shown_page_by_page() throws Exception {
        given.databases = () -> List.of(overview("a"), overview("b"), overview("c"));
        try (var server = InProcess.serving(given)) {
            ListDatabasesResponse first = server.databases()
                    .listDatabases(
                            ListDatabasesRequest.newBuilder().setPageSize(2).build());
            assertThat(first.getDatabasesList()).extracting(it -> it.getName()).containsExactly("a", "b");
            var a = first.getDatabases(0);
            assertThat(a.getSourceSize()).isEqualTo(4096);
            assertThat(a.getBackupCount()).isEqualTo(3);
            assertThat(a.getCorruptCount()).isEqualTo(1);
            assertThat(a.getTotalSize()).isEqualTo(12_288);
            assertThat(a.getStanding()).isEqualTo(dev.holdfast.grpc.v1.Standing.STANDING_STALE);
            assertThat(a.hasNextRun()).isFalse();
            ListDatabasesResponse second = server.databases()
                    .listDatabases(ListDatabasesRequest.newBuilder()
                            .setPageSize(2)
                            .setPageToken(first.getNextPageToken())
                            .build());
            assertThat(second.getDatabasesList()).extracting(it -> it.getName()).containsExactly("c");
            assertThat(second.getNextPageToken()).isEmpty();
            for (var wrong : List.of(
                    ListDatabasesRequest.newBuilder().setPageSize(-1),
                    ListDatabasesRequest.newBuilder().setPageToken("%"))) {
                assertThat(refusal(() -> server.databases().listDatabases(wrong.build()))
                                .status())
                        .isEqualTo(Status.Code.INVALID_ARGUMENT);
            }
        }
    }

    @Test
    void a_plan_in_force_is_shown_whole() throws Exception {
        try (var server = InProcess.serving(given)) {
            var answer = server.databases().getPlan(GetPlanRequest.getDefaultInstance());
            Plan plan = answer.getPlan();
            assertThat(plan.getSchedule().getHourly())
                    .isEqualTo(Schedule.Hourly.newBuilder().setEvery(1).build());
            assertThat(plan.getTimeZone()).isEqualTo("UTC");
            assertThat(plan.getCatchUp()).isTrue();
            assertThat(plan.getRetention().getLast()).isEqualTo(7);
            assertThat(plan.getVerifyDepth()).isEqualTo(Depth.DEPTH_QUICK);
            assertThat(plan.getRecheckEvery().getSeconds()).isEqualTo(30 * 24 * 3600);
            assertThat(plan.getDrill().hasOff()).isTrue();
            assertThat(answer.getStatus().hasNextRun()).isTrue();
            assertThat(answer.getStatus().hasChangedBy()).isFalse();
        }
    }

    @Test
    void what_the_mask_names_is_changed_and_what_is_not_set_goes_back() throws Exception {
        try (var server = InProcess.serving(given)) {
            Plan changed = update(
                    server,
                    Plan.newBuilder()
                            .setSchedule(Schedule.newBuilder()
                                    .setWeekly(Schedule.Weekly.newBuilder()
                                            .addDays(DayOfWeek.DAY_OF_WEEK_MONDAY)
                                            .addDays(DayOfWeek.DAY_OF_WEEK_SUNDAY)
                                            .setAt("03:15")))
                            .setTimeZone("Europe/Berlin")
                            .setRetention(Retention.newBuilder()
                                    .setDaily(5)
                                    .setWithin(Duration.newBuilder().setSeconds(3600)))
                            .setRecheckEvery(Duration.getDefaultInstance())
                            .build());
            assertThat(changed.getSchedule().getWeekly().getDaysList())
                    .containsExactly(DayOfWeek.DAY_OF_WEEK_MONDAY, DayOfWeek.DAY_OF_WEEK_SUNDAY);
            assertThat(changed.getTimeZone()).isEqualTo("Europe/Berlin");
            assertThat(changed.getRetention().getLast()).as("not named").isEqualTo(7);
            assertThat(changed.getRetention().getDaily()).isEqualTo(5);
            assertThat(changed.getRetention().getWithin().getSeconds()).isEqualTo(3600);
            assertThat(changed.getRecheckEvery()).as("never").isEqualTo(Duration.getDefaultInstance());

            Plan back =
                    update(server, Plan.getDefaultInstance(), "schedule", "retention", "time_zone", "recheck_every");
            assertThat(back)
                    .isEqualTo(server.databases()
                            .getPlan(GetPlanRequest.getDefaultInstance())
                            .getPlan());
            assertThat(back.getSchedule().hasHourly()).isTrue();
            assertThat(back.getRetention().getDaily()).isZero();
            assertThat(back.getRetention().hasWithin()).isFalse();
            assertThat(back.getTimeZone()).isEqualTo("UTC");
            assertThat(back.getRecheckEvery().getSeconds()).isPositive();
        }
    }

    /** Also what the domain knows and the message before did not say. */
    @Test
    void every_kind_of_schedule_comes_back_as_it_was_sent() throws Exception {
        try (var server = InProcess.serving(given)) {
            for (Schedule schedule : List.of(
                    Schedule.newBuilder()
                            .setOff(Schedule.Off.getDefaultInstance())
                            .build(),
                    Schedule.newBuilder()
                            .setHourly(Schedule.Hourly.newBuilder().setEvery(6).setMinute(30))
                            .build(),
                    Schedule.newBuilder()
                            .setDaily(Schedule.Daily.newBuilder().setAt("23:59"))
                            .build(),
                    Schedule.newBuilder()
                            .setMonthly(Schedule.Monthly.newBuilder().setDay(31).setAt("00:00"))
                            .build(),
                    Schedule.newBuilder().setCron("5 4 * * *").build())) {
                Plan plan = Plan.newBuilder()
                        .setSchedule(schedule)
                        .setDrill(schedule)
                        .build();
                Plan changed = update(server, plan);
                assertThat(changed.getSchedule()).isEqualTo(schedule);
                assertThat(changed.getDrill()).isEqualTo(schedule);
            }
        }
    }

    @Test
    void what_does_not_fit_is_refused_and_nothing_is_changed() throws Exception {
        try (var server = InProcess.serving(given)) {
            Plan before = server.databases()
                    .getPlan(GetPlanRequest.getDefaultInstance())
                    .getPlan();
            assertWrong(server, Plan.newBuilder().setTimeZone("Nowhere").build(), "time_zone");
            assertWrong(
                    server,
                    Plan.newBuilder()
                            .setRetention(Retention.newBuilder().setLast(-1))
                            .build(),
                    "retention.last");
            assertWrong(
                    server,
                    Plan.newBuilder()
                            .setRetention(Retention.newBuilder()
                                    .setWithin(Duration.newBuilder().setSeconds(Long.MAX_VALUE)))
                            .build(),
                    "retention.within");
            assertWrong(server, Plan.newBuilder().setVerifyDepthValue(77).build(), "verify_depth");
            assertWrong(server, scheduled(Schedule.Hourly.newBuilder().setEvery(-1)), "schedule.every");
            assertWrong(server, scheduled(Schedule.Hourly.newBuilder().setEvery(25)), "schedule.every");
            assertWrong(server, scheduled(Schedule.Hourly.newBuilder().setMinute(-1)), "schedule.minute");
            assertWrong(
                    server,
                    Plan.newBuilder()
                            .setDrill(Schedule.newBuilder()
                                    .setMonthly(Schedule.Monthly.newBuilder()
                                            .setDay(-1)
                                            .setAt("03:15")))
                            .build(),
                    "drill.day");
            assertWrong(
                    server,
                    Plan.newBuilder()
                            .setFreshness(Freshness.newBuilder().setMinSize(-1))
                            .build(),
                    "freshness.min_size");
            assertWrong(
                    server,
                    Plan.newBuilder()
                            .setFreshness(Freshness.newBuilder()
                                    .setMaxAge(Duration.newBuilder().setSeconds(-1)))
                            .build(),
                    "freshness.max_age");
            assertWrong(
                    server,
                    Plan.newBuilder()
                            .setSchedule(Schedule.newBuilder()
                                    .setDaily(Schedule.Daily.newBuilder().setAt("25:00")))
                            .build(),
                    "schedule.at");
            assertWrong(server, Plan.getDefaultInstance(), "update_mask", "next_run");
            assertWrong(server, Plan.getDefaultInstance(), "update_mask", "schedule.kind");
            assertThat(server.databases()
                            .getPlan(GetPlanRequest.getDefaultInstance())
                            .getPlan())
                    .isEqualTo(before);
        }
    }

    private static Plan scheduled(Schedule.Hourly.Builder hourly) {
        return Plan.newBuilder()
                .setSchedule(Schedule.newBuilder().setHourly(hourly))
                .build();
    }

    private static Plan update(InProcess server, Plan plan, String... mask) {
        return server.databases().updatePlan(request(plan, mask)).getPlan();
    }

    private static UpdatePlanRequest request(Plan plan, String... mask) {
        return UpdatePlanRequest.newBuilder()
                .setPlan(plan)
                .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(mask)))
                .build();
    }

    private static void assertWrong(InProcess server, Plan plan, String field, String... mask) {
        Refusal refusal = refusal(() -> update(server, plan, mask));
        assertThat(refusal.status()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal.detail(BadRequest.class).getFieldViolations(0).getField())
                .isEqualTo(field);
    }
}
