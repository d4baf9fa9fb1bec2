package dev.holdfast.dialects.dispatcharr.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.operation.ScriptedOperations;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class JobBackupsTest {
    private static final InstantSource CLOCK = InstantSource.fixed(BackupFixture.NOON);
    private static final BackupKey KEY = new BackupKey("dispatcharr-backup-20260413T120000Z.tar.gz");

    private final List<Backup> stored = new ArrayList<>();
    private final JobBackups backups = new JobBackups(
            (_, size, token) -> list(size, token),
            (_, name) -> stored.stream()
                    .filter(it -> it.key().value().equals(name))
                    .findAny()
                    .map(Outcome::done)
                    .orElseGet(() -> Outcome.refused(new Problem.BackupNotFound(KEY))),
            new DispatcharrDatabase(
                    new Dialects(Optional.empty(), Map.of(Dialect.DISPATCHARR, DatabaseName.DEFAULT), false),
                    new ScriptedOperations(CLOCK)));

    /** One a page. */
    private Outcome<ListBackups.Page> list(int size, String token) {
        assertThat(size).isZero();
        int first = token.isEmpty() ? 0 : Integer.parseInt(token);
        int end = Math.min(first + 1, stored.size());
        return Outcome.done(
                new ListBackups.Page(stored.subList(first, end), end < stored.size() ? Integer.toString(end) : ""));
    }

    private static Backup backup(BackupKey key, String content) {
        return BackupFixture.backup(key, content.getBytes(UTF_8));
    }

    private static Operation job(Backup made) {
        return Operation.started(
                        new OperationId("op-1"),
                        OperationKind.BACKUP,
                        DatabaseName.DEFAULT,
                        Optional.empty(),
                        "admin",
                        BackupFixture.NOON)
                .succeeded(new Result.BackupMade(made), BackupFixture.NOON);
    }

    @Test
    void a_job_has_the_backup_that_it_made() {
        stored.add(backup(new BackupKey("other.tar.gz"), "other"));
        stored.add(backup(KEY, "made").withPinned(true));
        Operation job = job(backup(KEY, "made"));
        assertThat(backups.find(job)).isEqualTo(Outcome.done(stored.getLast()));
        assertThat(backups.present()).accepts(job);
    }

    @Test
    void another_file_of_the_same_name_is_not_its_backup() {
        stored.add(backup(KEY, "uploaded later"));
        Operation job = job(backup(KEY, "made"));
        assertThat(backups.find(job)).isEqualTo(Outcome.refused(new Problem.BackupNotFound(KEY)));
        assertThat(backups.present()).rejects(job);
    }

    @Test
    void a_backup_that_is_gone_cannot_be_downloaded() {
        Operation job = job(backup(KEY, "made"));
        assertThat(backups.find(job)).isEqualTo(Outcome.refused(new Problem.BackupNotFound(KEY)));
        assertThat(backups.present()).rejects(job);
    }
}
