package dev.holdfast.application.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.Profile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Uploads: their names, limits, checks and repetitions. */
@Tag("unit")
class UploadBackupTest extends BackupUseCasesFixture {
    private Operation uploaded(String filename, InputStream content, long announced) throws InterruptedException {
        return ended(useCases(Map.of()).upload().start("default", filename, content, announced, ANN));
    }

    private static InputStream bytes(String content) {
        return new ByteArrayInputStream(content.getBytes(UTF_8));
    }

    @Test
    void an_upload_keeps_a_name_that_this_databases_backups_can_have_and_is_checked_and_listed() throws Exception {
        Backup backup = ((Result.Uploaded)
                        uploaded(KEY.value(), bytes("some content"), 0).result().orElseThrow())
                .backup();

        assertThat(backup.key()).isEqualTo(KEY);
        assertThat(backup.origin()).isEqualTo(Origin.UPLOADED);
        assertThat(backup.createdAt()).isEqualTo(NOON);
        assertThat(backup.verification()).isEqualTo(new Verification.Passed(Depth.QUICK, NOON));
        assertThat(store.list()).containsExactly(backup);
    }

    @Test
    void an_upload_of_any_other_name_is_named_by_the_profiles_rule() throws Exception {
        for (String name : List.of("", "holiday.db", "../" + KEY, "app_20260412_120000.zip")) {
            assertThat(uploaded(name, bytes("content"), 7).state()).isEqualTo(OperationState.SUCCEEDED);
        }
        assertThat(store.list())
                .extracting(it -> it.key().value())
                .containsExactlyInAnyOrder(
                        "app_20260413_120000.db",
                        "app_20260413_120000_1.db",
                        "app_20260413_120000_2.db",
                        "app_20260413_120000_3.db");
    }

    @Test
    void an_upload_does_not_take_the_only_name_that_a_planned_backup_of_that_day_can_have() throws Exception {
        profile = Profile.JOBOPS;

        assertThat(uploaded("jobs_2026_04_13.db", bytes("content"), 7).state()).isEqualTo(OperationState.SUCCEEDED);

        assertThat(store.list())
                .singleElement()
                .satisfies(it -> assertThat(it.key().value()).isEqualTo("jobs_manual_2026_04_13_12_00_00.db"));
    }

    @Test
    void an_upload_of_unknown_size_is_taken_where_the_largest_that_is_allowed_would_not_fit() throws Exception {
        store.leaveRoomFor(19);

        assertThat(uploaded("", bytes("content"), -1).state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(uploaded("", bytes("content"), 20).failure().orElseThrow().code())
                .isEqualTo("insufficient-storage");
    }

    @Test
    void an_upload_replaces_nothing() throws Exception {
        BackupFixture.put(store, KEY, "old content");

        assertThat(uploaded(KEY.value(), bytes("other"), 5)
                        .failure()
                        .orElseThrow()
                        .code())
                .isEqualTo("filename-taken");
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void an_upload_that_is_too_large_is_refused_before_it_is_read_or_where_it_becomes_so() throws Exception {
        InputStream untouched = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("read");
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                throw new AssertionError("read");
            }
        };
        assertThat(useCases(Map.of()).upload().start("default", "", untouched, 21, ANN))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem().code().id()).isEqualTo("upload-too-large"));
        assertThat(uploaded("", bytes("123456789012345678901"), 0)
                        .failure()
                        .orElseThrow()
                        .code())
                .isEqualTo("upload-too-large");
        assertThat(uploaded("", bytes("12345678901234567890"), 0).state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void an_upload_that_breaks_off_or_proves_damaged_or_is_nothing_known_leaves_nothing() throws Exception {
        assertThat(uploaded("", broken(), 0).failure().orElseThrow().code()).isEqualTo("invalid-argument");
        assertThat(uploaded("", bytes(""), 0).failure().orElseThrow().code()).isEqualTo("not-a-database");
        finding = Optional.of(new Finding.Damaged("page 3"));
        Failure damaged = uploaded("", bytes("content"), 0).failure().orElseThrow();
        assertThat(damaged.code()).isEqualTo("backup-corrupt");
        // It has no name yet, and whatever name it would get may be another backup's.
        assertThat(damaged.detail()).isEqualTo("What was uploaded is damaged and was not kept: page 3");
        assertThat(store.list()).isEmpty();
    }

    @Test
    void an_upload_that_is_sent_again_is_confirmed_only_if_the_same_bytes_come() throws Exception {
        var ann = new Requester("ann", Optional.of("k-1"));
        UploadBackup upload = useCases(Map.of()).upload();
        Operation first = ended(upload.start("default", "mine.db", bytes("some content"), 12, ann));

        assertThat(ended(upload.start("default", "mine.db", bytes("some content"), 12, ann)))
                .isEqualTo(first);
        assertThat(upload.start("default", "mine.db", bytes("other stuff!"), 12, ann))
                .isEqualTo(Outcome.refused(new Problem.IdempotencyConflict()));
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void an_upload_that_is_sent_again_and_breaks_off_is_not_confirmed() throws Exception {
        var ann = new Requester("ann", Optional.of("k-1"));
        UploadBackup upload = useCases(Map.of()).upload();
        ended(upload.start("default", "mine.db", bytes("some content"), 12, ann));

        assertThat(upload.start("default", "mine.db", broken(), 12, ann))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem().code().id()).isEqualTo("invalid-argument"));
    }

    @Test
    void an_upload_that_is_cancelled_while_it_waits_for_bytes_ends_as_cancelled() throws Exception {
        var cancelled = new CountDownLatch(1);
        InputStream waiting = new InputStream() {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return read();
            }

            @Override
            public int read() throws IOException {
                try {
                    cancelled.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                throw new IOException("cut off");
            }
        };
        var started =
                (Outcome.Done<Operation>) useCases(Map.of()).upload().start("default", "mine.db", waiting, 0, ANN);
        runner.cancel(started.value().id().value());
        cancelled.countDown();

        assertThat(runner.awaitEnd(started.value().id()).state()).isEqualTo(OperationState.CANCELLED);
    }

    private static InputStream broken() {
        return new SequenceInputStream(bytes("some"), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw new IOException("connection reset");
            }
        });
    }
}
