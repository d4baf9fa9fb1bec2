package dev.holdfast.grpc.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.overview.ListDatabases.Overview;
import dev.holdfast.application.plan.PlanService.View;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.access.Caller;
import dev.holdfast.grpc.message.BackupMessages;
import dev.holdfast.grpc.message.EnumNames;
import dev.holdfast.grpc.message.PlanChange;
import dev.holdfast.grpc.message.PlanMessages;
import dev.holdfast.grpc.message.ProtoTimestamps;
import dev.holdfast.grpc.problem.GrpcReplies;
import dev.holdfast.grpc.v1.ConfirmLocationRequest;
import dev.holdfast.grpc.v1.ConfirmLocationResponse;
import dev.holdfast.grpc.v1.Database;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc.DatabaseServiceImplBase;
import dev.holdfast.grpc.v1.GetPlanRequest;
import dev.holdfast.grpc.v1.GetPlanResponse;
import dev.holdfast.grpc.v1.ListDatabasesRequest;
import dev.holdfast.grpc.v1.ListDatabasesResponse;
import dev.holdfast.grpc.v1.MovedPath;
import dev.holdfast.grpc.v1.OperationError;
import dev.holdfast.grpc.v1.PreviewPlanRequest;
import dev.holdfast.grpc.v1.PreviewPlanResponse;
import dev.holdfast.grpc.v1.Profile;
import dev.holdfast.grpc.v1.ResumeRetentionRequest;
import dev.holdfast.grpc.v1.ResumeRetentionResponse;
import dev.holdfast.grpc.v1.Standing;
import dev.holdfast.grpc.v1.UpdatePlanRequest;
import dev.holdfast.grpc.v1.UpdatePlanResponse;
import io.grpc.stub.StreamObserver;
import java.util.Base64;
import java.util.List;

public final class DatabaseService extends DatabaseServiceImplBase {
    private static final int LARGEST_PAGE = 1000;

    private final UseCases useCases;

    public DatabaseService(UseCases useCases) {
        this.useCases = useCases;
    }

    @Override
    public void listDatabases(ListDatabasesRequest request, StreamObserver<ListDatabasesResponse> call) {
        GrpcReplies.reply(call, page(request), it -> it);
    }

    /** A token is the last name of the page before: pages stay right where databases come and go. */
    private Outcome<ListDatabasesResponse> page(ListDatabasesRequest request) {
        if (request.getPageSize() < 0) {
            return Outcome.refused(new Problem.InvalidArgument("page_size", "page_size is 0 or more."));
        }
        int size = request.getPageSize() == 0 ? LARGEST_PAGE : Math.min(request.getPageSize(), LARGEST_PAGE);
        return last(request.getPageToken()).then(last -> {
            List<Overview> rest = useCases.databases().list().stream()
                    .filter(it -> name(it).compareTo(last) > 0)
                    .toList();
            List<Database> page =
                    rest.stream().limit(size).map(DatabaseService::message).toList();
            page = page.subList(0, FittingPages.fitting(page));
            return Outcome.done(ListDatabasesResponse.newBuilder()
                    .addAllDatabases(page)
                    .setNextPageToken(
                            rest.size() > page.size() ? token(page.getLast().getName()) : "")
                    .build());
        });
    }

    private static String name(Overview overview) {
        return overview.database().name().value();
    }

    private static String token(String last) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(last.getBytes(UTF_8));
    }

    private static Outcome<String> last(String token) {
        try {
            return Outcome.done(new String(Base64.getUrlDecoder().decode(token), UTF_8));
        } catch (IllegalArgumentException _) {
            return Outcome.refused(
                    new Problem.InvalidArgument("page_token", "page_token is the next_page_token of the page before."));
        }
    }

    private static Database message(Overview overview) {
        Database.Builder message = Database.newBuilder()
                .setName(name(overview))
                .setProfile(EnumNames.of(Profile.class, overview.database().profile()))
                .setBackupCount(overview.count())
                .setCorruptCount(overview.corrupt())
                .setTotalSize(overview.totalSize());
        overview.sourceSize().ifPresent(message::setSourceSize);
        overview.lastSuccess().map(ProtoTimestamps::of).ifPresent(message::setLastSuccess);
        overview.planned().nextRun().map(ProtoTimestamps::of).ifPresent(message::setNextRun);
        overview.planned()
                .freshness()
                .map(it -> EnumNames.of(Standing.class, it))
                .ifPresent(message::setStanding);
        overview.planned().provenAt().map(ProtoTimestamps::of).ifPresent(message::setLastProvenRestorable);
        overview.planned().retentionPaused().map(PlanMessages::of).ifPresent(message::setRetentionPaused);
        overview.newest().map(BackupMessages::of).ifPresent(message::setNewestBackup);
        overview.storeProblem()
                .map(it -> OperationError.newBuilder()
                        .setCode(it.code().id())
                        .setDetail(it.detail())
                        .build())
                .ifPresent(message::setProblem);
        return message.build();
    }

    @Override
    public void getPlan(GetPlanRequest request, StreamObserver<GetPlanResponse> call) {
        GrpcReplies.reply(
                call,
                useCases.plans().find(GrpcReplies.database(request.getDatabase())),
                view -> GetPlanResponse.newBuilder()
                        .setPlan(PlanMessages.plan(view))
                        .setStatus(PlanMessages.status(view))
                        .build());
    }

    @Override
    public void updatePlan(UpdatePlanRequest request, StreamObserver<UpdatePlanResponse> call) {
        Outcome<View> changed = PlanChange.read(request.getPlan(), request.getUpdateMask())
                .then(change ->
                        useCases.plans().change(GrpcReplies.database(request.getDatabase()), change, Caller.name()));
        GrpcReplies.reply(
                call,
                changed,
                view -> UpdatePlanResponse.newBuilder()
                        .setPlan(PlanMessages.plan(view))
                        .setStatus(PlanMessages.status(view))
                        .build());
    }

    @Override
    public void resumeRetention(ResumeRetentionRequest request, StreamObserver<ResumeRetentionResponse> call) {
        String database = GrpcReplies.database(request.getDatabase());
        GrpcReplies.reply(
                call,
                useCases.resumeRetention()
                        .resume(database, Caller.name())
                        .then(_ -> useCases.plans().find(database)),
                view -> ResumeRetentionResponse.newBuilder()
                        .setPlan(PlanMessages.plan(view))
                        .setStatus(PlanMessages.status(view))
                        .build());
    }

    @Override
    public void confirmLocation(ConfirmLocationRequest request, StreamObserver<ConfirmLocationResponse> call) {
        GrpcReplies.reply(
                call,
                useCases.confirmLocation()
                        .confirm(GrpcReplies.database(request.getDatabase()), request.getResolvedPath(), Caller.name()),
                it -> ConfirmLocationResponse.newBuilder()
                        .setDatabase(it.database().value())
                        .addAllConfirmed(it.confirmed().stream()
                                .map(moved -> MovedPath.newBuilder()
                                        .setPath(moved.registered().toString())
                                        .setPreviousPath(moved.before().toString())
                                        .setResolvedPath(moved.resolved().toString())
                                        .build())
                                .toList())
                        .setDetail(it.detail())
                        .build());
    }

    @Override
    public void previewPlan(PreviewPlanRequest request, StreamObserver<PreviewPlanResponse> call) {
        GrpcReplies.reply(
                call,
                PlanChange.read(request.getPlan(), request.getUpdateMask())
                        .then(change -> useCases.expire().preview(GrpcReplies.database(request.getDatabase()), change)),
                verdicts -> PreviewPlanResponse.newBuilder()
                        .addAllVerdicts(
                                verdicts.stream().map(PlanMessages::verdict).toList())
                        .build());
    }
}
