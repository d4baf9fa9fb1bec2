package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.ProblemCode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The end of a pause of retention that an admin asks for. */
@Tag("unit")
class ResumeRetentionTest extends BackupUseCasesFixture {
    private static final Map<String, String> NO_TERMS = Map.of();

    private Outcome<DatabaseName> resume(String database) {
        return useCases(NO_TERMS).resumeRetention(kept).resume(database, "ann");
    }

    /** A backup that is suspicious, since its source has become empty after a backup with content. */
    private Backup suspicious() throws InterruptedException {
        made(NO_TERMS);
        live.add("");
        clock.advance(Duration.ofMinutes(1));
        return made(NO_TERMS);
    }

    @Test
    void the_suspicious_backup_becomes_the_reference_and_the_audit_says_who_accepted_it() throws Exception {
        Backup suspicious = suspicious();
        assertThat(suspicious.suspicion()).isPresent();

        assertThat(resume("default")).isEqualTo(Outcome.done(NAME));

        assertThat(store.find(suspicious.key()).flatMap(Backup::suspicion)).isEmpty();
        assertThat(kept.newest(10))
                .extracting(AuditEntry::who, AuditEntry::action, AuditEntry::database)
                .containsExactly(tuple("ann", "retention.resume", Optional.of(NAME)));
        clock.advance(Duration.ofMinutes(1));
        assertThat(made(NO_TERMS).suspicion()).isEmpty();
    }

    @Test
    void without_a_pause_nothing_changes_and_the_audit_has_no_entry() throws Exception {
        Backup backup = made(NO_TERMS);

        assertThat(resume("default")).isEqualTo(Outcome.done(NAME));

        assertThat(store.find(backup.key())).contains(backup);
        assertThat(kept.newest(10)).isEmpty();
    }

    @Test
    void a_second_call_adds_nothing_to_the_audit() throws Exception {
        suspicious();
        resume("default");

        assertThat(resume("default")).isEqualTo(Outcome.done(NAME));

        assertThat(kept.newest(10)).hasSize(1);
    }

    @Test
    void a_database_that_is_not_registered_is_not_found() {
        assertThat(((Outcome.Refused<DatabaseName>) resume("shop")).problem().code())
                .isEqualTo(ProblemCode.DATABASE_NOT_FOUND);
    }
}
