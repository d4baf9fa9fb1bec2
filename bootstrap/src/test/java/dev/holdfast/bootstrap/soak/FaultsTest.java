package dev.holdfast.bootstrap.soak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short form of {@code ./soak faults}. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class FaultsTest {
    private static final long SEED = 7;

    @Test
    void each_operation_agrees_with_the_disk_when_one_of_its_calls_fails() throws Exception {
        assertNothingFound("WAL", 5, _ -> true);
    }

    @Test
    void restores_agree_with_the_disk_when_a_call_fails_in_delete_mode() throws Exception {
        assertNothingFound("DELETE", 2, it -> it.contains("restore") || it.contains("undo"));
    }

    /** One in the unpacked database, one in a file of the staged directory. */
    @ParameterizedTest
    @ValueSource(strings = {"database-1", "/pb/.holdfast-"})
    void a_write_that_the_disk_loses_is_not_blamed_on_the_archive(String path) throws Exception {
        try (Installation place = Installation.create("WAL")) {
            Round.Result result = Round.play(groupRestore(place), new Disk(), new Fault(FaultKind.WRITE_LOST, 1), path);
            assertThat(result.fired()).isTrue();
            assertThat(result.alarms()).isEmpty();
        }
    }

    private static Scenario groupRestore(Installation place) {
        return Scenario.all(place).stream()
                .filter(it -> it.name().equals("group restore"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_restore_that_is_done_succeeds_though_what_it_had_unpacked_cannot_be_removed() throws Exception {
        try (Installation place = Installation.create("WAL")) {
            Scenario restore = groupRestore(place);
            var disk = new Disk();
            Round.Result usual = Round.play(restore, disk, new Fault(FaultKind.EIO_ONCE, 1_000), "directory-0.notes");

            var lastOne = new Fault(FaultKind.EIO_ONCE, usual.calls().size());
            Round.Result result = Round.play(restore, disk, lastOne, "directory-0.notes");

            assertThat(result.firstFaulty())
                    .hasValueSatisfying(it -> assertThat(it.call()).isEqualTo(SystemCall.UNLINK));
            assertThat(result.alarms()).isEmpty();
        }
    }

    @Test
    void a_start_removes_the_rest_of_a_replaced_directory_whose_removal_was_cut_off() throws Exception {
        try (Installation place = Installation.create("WAL")) {
            Group group = place.group("pb");
            String restore = "/api/v1/backup/"
                    + place.client()
                            .post("/api/v1/backup?database=pb")
                            .json()
                            .path("filename")
                            .asText()
                    + "/restore?database=pb";
            place.kit().choose("/pb/.holdfast-", "");
            place.kit().record();
            assertThat(place.client().post(restore).status()).isEqualTo(200);
            int calls = place.kit().disarm().size();
            place.kit().killAt(calls - 1); // the last but one removes what was below
            assertThatThrownBy(() -> place.client().post(restore)).isInstanceOf(IOException.class);
            place.server().awaitEnd();
            place.kit().disarm();
            assertThat(group.leftover()).isPresent();

            place.restart();

            assertThat(group.leftover()).isEmpty();
        }
    }

    private static void assertNothingFound(String journalMode, int faults, Predicate<String> chosen) throws Exception {
        var out = new ByteArrayOutputStream();
        Soak.Verdict verdict = FaultSoak.sample(journalMode, SEED, faults, chosen, new PrintStream(out, true, UTF_8));
        assertThat(verdict.alarms()).as(out.toString(UTF_8)).isZero();
        assertThat(verdict.rounds()).isGreaterThan(faults);
    }
}
