package dev.holdfast.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.grpc.InProcess.Refusal;
import dev.holdfast.grpc.problem.Problems;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class GrpcProblemsTest {
    private static final BackupKey KEY = new BackupKey("app_20260413_142530.db");
    private static final OperationId RUNNING = new OperationId("op-7");

    static Stream<Arguments> problems() {
        return Stream.of(
                Arguments.of(new Problem.InvalidFilename("no"), Status.Code.INVALID_ARGUMENT),
                Arguments.of(new Problem.InvalidArgument("page_size", "no"), Status.Code.INVALID_ARGUMENT),
                Arguments.of(new Problem.DatabaseNotFound("x"), Status.Code.NOT_FOUND),
                Arguments.of(new Problem.BackupNotFound(KEY), Status.Code.NOT_FOUND),
                Arguments.of(new Problem.OperationNotFound("x"), Status.Code.NOT_FOUND),
                Arguments.of(new Problem.StoreNotFound("x"), Status.Code.NOT_FOUND),
                Arguments.of(
                        new Problem.OperationInProgress(DatabaseName.DEFAULT, RUNNING),
                        Status.Code.FAILED_PRECONDITION),
                Arguments.of(new Problem.FilenameTaken(KEY), Status.Code.ALREADY_EXISTS),
                Arguments.of(new Problem.BackupInUse(KEY), Status.Code.FAILED_PRECONDITION),
                Arguments.of(new Problem.BackupPinned(KEY), Status.Code.FAILED_PRECONDITION),
                Arguments.of(new Problem.IdempotencyConflict(), Status.Code.FAILED_PRECONDITION),
                Arguments.of(
                        new Problem.LocationChanged(DatabaseName.DEFAULT, Path.of("/a"), Path.of("/a"), Path.of("/b")),
                        Status.Code.FAILED_PRECONDITION),
                Arguments.of(new Problem.PreconditionFailed("no"), Status.Code.ABORTED),
                Arguments.of(new Problem.UploadTooLarge("no"), Status.Code.RESOURCE_EXHAUSTED),
                Arguments.of(new Problem.UnsupportedMediaType("no"), Status.Code.INVALID_ARGUMENT),
                Arguments.of(new Problem.NotADatabase("no"), Status.Code.FAILED_PRECONDITION),
                Arguments.of(new Problem.SourceNotFound("no"), Status.Code.NOT_FOUND),
                Arguments.of(new Problem.SourceNotAccessible("no"), Status.Code.FAILED_PRECONDITION),
                Arguments.of(new Problem.SourceCorrupt("no"), Status.Code.DATA_LOSS),
                Arguments.of(new Problem.BackupCorrupt(KEY, "no"), Status.Code.DATA_LOSS),
                Arguments.of(new Problem.UploadCorrupt("no"), Status.Code.DATA_LOSS),
                Arguments.of(new Problem.BackupIncompatible("no"), Status.Code.FAILED_PRECONDITION),
                Arguments.of(new Problem.Unauthenticated("no"), Status.Code.UNAUTHENTICATED),
                Arguments.of(new Problem.PermissionDenied("no"), Status.Code.PERMISSION_DENIED),
                Arguments.of(new Problem.TooManyAttempts(Duration.ofSeconds(9)), Status.Code.RESOURCE_EXHAUSTED),
                Arguments.of(new Problem.Internal(new AssertionError("secret")), Status.Code.INTERNAL),
                Arguments.of(new Problem.UncertainRestore("no"), Status.Code.INTERNAL),
                Arguments.of(new Problem.StoreUnavailable("no"), Status.Code.UNAVAILABLE),
                Arguments.of(new Problem.SourceBusy("no"), Status.Code.UNAVAILABLE),
                Arguments.of(new Problem.InsufficientStorage("no"), Status.Code.RESOURCE_EXHAUSTED));
    }

    @ParameterizedTest
    @MethodSource("problems")
    void each_problem_has_its_status_and_says_its_code(Problem problem, Status.Code status) {
        Refusal told = Refusal.of(Problems.of(problem));
        assertThat(told.status()).isEqualTo(status);
        assertThat(told.text()).isEqualTo(words(problem)).doesNotContain("secret", "Idempotency-Key");
        assertThat(told.reason()).isEqualTo(problem.code().name());
        assertThat(told.info().getDomain()).isEqualTo("holdfast.dev");
        assertThat(told.info().getMetadataOrThrow("code"))
                .isEqualTo(problem.code().id());
    }

    /** A field of ours is called otherwise than a header of HTTP. */
    private static String words(Problem problem) {
        return problem instanceof Problem.IdempotencyConflict
                ? "This request_id came with another request before; use a new one."
                : problem.detail();
    }

    @Test
    void every_kind_of_problem_is_in_the_table() {
        assertThat(problems().<Class<?>>map(it -> it.get()[0].getClass()).toList())
                .containsExactlyInAnyOrder(Problem.class.getPermittedSubclasses());
    }

    @ParameterizedTest
    @EnumSource
    void a_reason_has_the_form_that_error_info_prescribes(ProblemCode code) {
        assertThat(code.name()).matches("[A-Z][A-Z0-9_]+[A-Z0-9]").hasSizeLessThan(64);
    }

    @Test
    void a_wrong_field_is_named() {
        Refusal told = Refusal.of(Problems.of(new Problem.InvalidArgument("page_size", "page_size is 0 or more.")));
        BadRequest.FieldViolation violation = told.detail(BadRequest.class).getFieldViolations(0);
        assertThat(violation.getField()).isEqualTo("page_size");
        assertThat(violation.getDescription()).isEqualTo("page_size is 0 or more.");
    }

    @Test
    void what_passes_by_itself_says_when_to_ask_again() {
        for (Problem problem : List.of(
                new Problem.SourceBusy("no"),
                new Problem.StoreUnavailable("no"),
                new Problem.BackupInUse(KEY),
                new Problem.OperationInProgress(DatabaseName.DEFAULT, RUNNING))) {
            Refusal told = Refusal.of(Problems.of(problem));
            assertThat(told.detail(RetryInfo.class).getRetryDelay().getSeconds())
                    .isEqualTo(5);
        }
        Refusal throttled = Refusal.of(Problems.of(new Problem.TooManyAttempts(Duration.ofSeconds(9))));
        assertThat(throttled.detail(RetryInfo.class).getRetryDelay().getSeconds())
                .isEqualTo(9);
    }

    @Test
    void the_operation_in_the_way_is_named() {
        Refusal told = Refusal.of(Problems.of(new Problem.OperationInProgress(DatabaseName.DEFAULT, RUNNING)));
        assertThat(told.info().getMetadataOrThrow("operation")).isEqualTo("op-7");
    }

    @Test
    void an_operation_that_failed_tells_its_code_as_a_refusal_would() {
        Refusal busy = Refusal.of(
                Problems.ended(running().failed(new Failure("source-busy", "locked"), FakeOperations.NOON), true));
        assertThat(busy.status()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(busy.reason()).isEqualTo("SOURCE_BUSY");
        assertThat(busy.info().getMetadataOrThrow("operation")).isEqualTo("op-7");
        assertThat(busy.detail(RetryInfo.class).getRetryDelay().getSeconds()).isEqualTo(5);

        Refusal interrupted = Refusal.of(Problems.ended(
                running().failed(Failure.interrupted(OperationKind.RESTORE), FakeOperations.NOON), true));
        assertThat(interrupted.status()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(interrupted.reason()).isEqualTo("INTERRUPTED");

        Refusal newer =
                Refusal.of(Problems.ended(running().failed(new Failure("from-later", "?"), FakeOperations.NOON), true));
        assertThat(newer.status()).isEqualTo(Status.Code.INTERNAL);

        Refusal cancelled = Refusal.of(Problems.ended(running().cancelled(FakeOperations.NOON), true));
        assertThat(cancelled.status()).isEqualTo(Status.Code.ABORTED);
        assertThat(cancelled.reason()).isEqualTo("OPERATION_CANCELLED");
    }

    @Test
    void an_end_that_the_same_request_would_be_told_of_again_does_not_ask_for_it() {
        Operation busy = running().failed(new Failure("source-busy", "locked"), FakeOperations.NOON);
        assertThat(Refusal.of(Problems.ended(busy, false)).whole().getDetailsList())
                .noneMatch(it -> it.is(RetryInfo.class));
    }

    private static Operation running() {
        return Operation.started(
                RUNNING,
                OperationKind.BACKUP,
                DatabaseName.DEFAULT,
                Optional.empty(),
                "anonymous",
                FakeOperations.NOON);
    }
}
