package dev.holdfast.application.notice;

import static dev.holdfast.application.notice.Notification.Kind.CORRUPT;
import static dev.holdfast.application.notice.Notification.Kind.FAILURE;
import static dev.holdfast.application.notice.Notification.Kind.RECOVERED;
import static dev.holdfast.application.notice.Notification.Kind.RESTORED;
import static dev.holdfast.application.notice.Notification.Kind.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.DrillOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class OperationNotificationsTest {
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final DatabaseName OTHER = new DatabaseName("other");
    private static final BackupKey KEY = new BackupKey("app_20260413_120000.db");
    private static final Instant NOON = Instant.parse("2026-04-13T12:00:00Z");

    private final InMemoryOperationLog log = new InMemoryOperationLog();
    private final List<Notification> told = new ArrayList<>();

    private static Operation started(OperationKind kind, DatabaseName database, int minute) {
        return Operation.started(
                new OperationId(database + "-" + minute), kind, database, Optional.empty(), "ann", at(minute));
    }

    private static Instant at(int minute) {
        return NOON.plusSeconds(60L * minute);
    }

    private static Operation good(int minute) {
        return good(SHOP, minute);
    }

    private static Operation good(DatabaseName database, int minute) {
        return started(OperationKind.BACKUP, database, minute)
                .succeeded(new Result.BackupMade(BackupFixture.backup(KEY, new byte[1])), at(minute));
    }

    private static Operation bad(OperationKind kind, int minute) {
        return started(kind, SHOP, minute)
                .failed(new Failure("source-busy", "The database stayed locked."), at(minute));
    }

    private static Operation cancelled(int minute) {
        return started(OperationKind.BACKUP, SHOP, minute).cancelled(at(minute));
    }

    private static Operation verified(int minute, Verification verification) {
        return started(OperationKind.VERIFY, SHOP, minute)
                .succeeded(new Result.Verified(KEY, verification), at(minute));
    }

    private static Operation drilled(DrillOutcome outcome) {
        return started(OperationKind.DRILL, SHOP, 1)
                .succeeded(new Result.Drilled(Optional.of(KEY), outcome, "What came of it."), at(1));
    }

    private static Operation notExpired() {
        return started(OperationKind.EXPIRE, SHOP, 1).succeeded(new Result.Expired(List.of(), List.of(KEY)), at(1));
    }

    private static Operation expired() {
        return started(OperationKind.EXPIRE, SHOP, 1).succeeded(new Result.Expired(List.of(KEY), List.of()), at(1));
    }

    private static Operation restored(int minute) {
        return started(OperationKind.RESTORE, SHOP, minute)
                .succeeded(new Result.Restored(KEY, Optional.empty()), at(minute));
    }

    @Test
    void a_restore_of_another_database_s_backup_is_called_that() {
        notices()
                .ended(started(OperationKind.RESTORE, SHOP, 1)
                        .succeeded(new Result.Restored(KEY, Optional.empty(), List.of(), Optional.of(OTHER)), at(1)));

        assertThat(told)
                .extracting(Notification::text)
                .containsExactly("Backup " + KEY + ", which was made of database " + OTHER
                        + ", was restored into database " + SHOP + ".");
    }

    private OperationNotifications notices() {
        return OperationNotifications.to(told::add, log, List.of(SHOP, OTHER));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void what_ended_becomes_these_notices(String what, List<Operation> ended, List<Notification.Kind> kinds) {
        var notices = notices();

        ended.forEach(notices::ended);

        assertThat(told).extracting(Notification::kind).containsExactlyElementsOf(kinds);
    }

    static Stream<Arguments> what_ended_becomes_these_notices() {
        var corrupt = new Verification.Corrupt(Depth.CHECKSUM, NOON, "The SHA-256 differs.");
        var passed = new Verification.Passed(Depth.CHECKSUM, NOON);
        return Stream.of(
                arguments("a backup", List.of(good(1)), List.of(SUCCESS)),
                arguments("a failed backup", List.of(bad(OperationKind.BACKUP, 1)), List.of(FAILURE)),
                arguments("a failed restore", List.of(bad(OperationKind.RESTORE, 1)), List.of(FAILURE)),
                arguments("a failed verification", List.of(bad(OperationKind.VERIFY, 1)), List.of(FAILURE)),
                arguments("a cancelled backup", List.of(cancelled(1)), List.of()),
                arguments("a restore", List.of(restored(1)), List.of(RESTORED)),
                arguments("a drill that failed", List.of(drilled(DrillOutcome.FAILED)), List.of(CORRUPT)),
                arguments("a drill that passed", List.of(drilled(DrillOutcome.PASSED)), List.of()),
                arguments(
                        "a drill that could not be tried",
                        List.of(drilled(DrillOutcome.INCONCLUSIVE)),
                        List.of(FAILURE)),
                arguments("an expiry that could not remove all", List.of(notExpired()), List.of(FAILURE)),
                arguments("an expiry", List.of(expired()), List.of()),
                arguments("a backup that was found whole", List.of(verified(1, passed)), List.of()),
                arguments("a backup that was found corrupt", List.of(verified(1, corrupt)), List.of(CORRUPT)),
                arguments(
                        "a backup after failed ones, and another",
                        List.of(bad(OperationKind.BACKUP, 1), bad(OperationKind.BACKUP, 2), good(3), good(4)),
                        List.of(FAILURE, FAILURE, SUCCESS, RECOVERED, SUCCESS)),
                arguments(
                        "a backup after a failed and a cancelled one",
                        List.of(bad(OperationKind.BACKUP, 1), cancelled(2), good(3)),
                        List.of(FAILURE, SUCCESS, RECOVERED)),
                arguments(
                        "a backup after a failed restore",
                        List.of(bad(OperationKind.RESTORE, 1), good(2)),
                        List.of(FAILURE, SUCCESS)),
                arguments(
                        "a backup of another database",
                        List.of(bad(OperationKind.BACKUP, 1), good(OTHER, 2)),
                        List.of(FAILURE, SUCCESS)));
    }

    @ParameterizedTest(name = "after {0}: {2}")
    @MethodSource
    void the_first_success_after_a_start_knows_how_the_last_backup_before_ended(
            String what, List<Operation> before, List<Notification.Kind> kinds) {
        before.forEach(log::save);

        notices().ended(good(1000));

        assertThat(told).extracting(Notification::kind).containsExactlyElementsOf(kinds);
    }

    static Stream<Arguments> the_first_success_after_a_start_knows_how_the_last_backup_before_ended() {
        List<Operation> manyFailedVerifications = IntStream.range(2, 252)
                .mapToObj(it -> bad(OperationKind.VERIFY, it))
                .toList();
        return Stream.of(
                arguments("nothing", List.of(), List.of(SUCCESS)),
                arguments("a backup", List.of(good(1)), List.of(SUCCESS)),
                arguments("a failed backup", List.of(bad(OperationKind.BACKUP, 1)), List.of(SUCCESS, RECOVERED)),
                arguments(
                        "a failed backup and a good one",
                        List.of(bad(OperationKind.BACKUP, 1), good(2)),
                        List.of(SUCCESS)),
                arguments(
                        "a good backup and a failed one",
                        List.of(good(1), bad(OperationKind.BACKUP, 2)),
                        List.of(SUCCESS, RECOVERED)),
                arguments(
                        "a failed and a cancelled backup",
                        List.of(bad(OperationKind.BACKUP, 1), cancelled(2)),
                        List.of(SUCCESS, RECOVERED)),
                arguments("a failed restore", List.of(good(1), bad(OperationKind.RESTORE, 2)), List.of(SUCCESS)),
                arguments(
                        "a failed backup before very many failed verifications",
                        Stream.concat(Stream.of(bad(OperationKind.BACKUP, 1)), manyFailedVerifications.stream())
                                .toList(),
                        List.of(SUCCESS, RECOVERED)),
                arguments("very many failed verifications", manyFailedVerifications, List.of(SUCCESS)),
                arguments(
                        "a backup that was cut off",
                        List.of(good(1), started(OperationKind.BACKUP, SHOP, 2)),
                        List.of(SUCCESS, RECOVERED)));
    }

    @Test
    void a_notice_says_what_failed_and_why() {
        notices().ended(bad(OperationKind.BACKUP, 1));

        assertThat(told)
                .containsExactly(new Notification(
                        FAILURE,
                        SHOP,
                        at(1),
                        "The backup of database shop failed: The database stayed locked.",
                        Optional.of(new OperationId("shop-1")),
                        Optional.empty()));
    }

    @Test
    void a_notice_of_a_corrupt_backup_names_it_and_what_was_found() {
        notices().ended(verified(1, new Verification.Corrupt(Depth.CHECKSUM, NOON, "The SHA-256 differs.")));

        assertThat(told).singleElement().satisfies(notice -> {
            assertThat(notice.backup()).contains(KEY);
            assertThat(notice.text()).contains(KEY.value(), "shop").endsWith("The SHA-256 differs.");
        });
    }
}
