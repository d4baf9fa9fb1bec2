package dev.holdfast.endtoend.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Single faults in the restore of an archive, at calls that are found by the path that they concern. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchiveRestoreFaultsTest {
    /** More calls than there are of one path. */
    private static final Fault NONE = new Fault(FaultKind.EIO_ONCE, 1_000);

    private final Installation place;

    ArchiveRestoreFaultsTest() throws Exception {
        place = Installation.create("WAL");
    }

    @AfterAll
    void stop() {
        place.close();
    }

    /** One in the unpacked database, one in a file of the staged directory. */
    @ParameterizedTest
    @ValueSource(strings = {"database-1", "/pb/.holdfast-"})
    void a_write_that_the_disk_loses_is_not_blamed_on_the_archive(String path) throws Exception {
        Round.Result result = Round.play(restore(), new Disk(), new Fault(FaultKind.WRITE_LOST, 1), path);
        assertThat(result.fired()).isTrue();
        assertThat(result.alarms()).isEmpty();
    }

    @Test
    void a_restore_that_is_done_succeeds_though_what_it_had_unpacked_cannot_be_removed() throws Exception {
        Scenario restore = restore();
        var disk = new Disk();
        Round.Result usual = Round.play(restore, disk, NONE, "directory-0.notes");

        var lastOne = new Fault(FaultKind.EIO_ONCE, usual.calls().size());
        Round.Result result = Round.play(restore, disk, lastOne, "directory-0.notes");

        assertThat(result.firstFaulty())
                .hasValueSatisfying(it -> assertThat(it.call()).isEqualTo(SystemCall.UNLINK));
        assertThat(result.alarms()).isEmpty();
    }

    @Test
    void a_start_removes_the_rest_of_a_replaced_directory_whose_removal_was_cut_off() throws Exception {
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

    private Scenario restore() {
        return Scenario.all(place).stream()
                .filter(it -> it.name().equals("group restore"))
                .findFirst()
                .orElseThrow();
    }
}
