package dev.holdfast.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.access.User;
import dev.holdfast.domain.identity.OperationId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class CatalogueProcessesTest {
    @TempDir
    Path folder;

    @Test
    void processes_that_make_the_file_at_the_same_moment_all_succeed() throws Exception {
        try (CatalogueProcess one = CatalogueProcess.start("one");
                CatalogueProcess two = CatalogueProcess.start("two")) {
            for (int round = 0; round < 50; round++) {
                Path file = folder.resolve("holdfast-" + round + ".db");
                one.ask("add", file);
                two.ask("add", file);
                try (Catalogue catalogue = Catalogue.open(file)) {
                    CatalogueProcess.addUser(catalogue, "here");
                    one.expect("done");
                    two.expect("done");
                    assertThat(catalogue.accounts().users())
                            .extracting(User::name)
                            .extracting(Object::toString)
                            .containsExactly("here", "one", "two");
                }
            }
        }
    }

    @Test
    void a_key_that_processes_claim_at_the_same_time_is_new_for_exactly_one() throws Exception {
        Path file = folder.resolve("holdfast.db");
        try (Catalogue catalogue = Catalogue.open(file);
                CatalogueProcess other = CatalogueProcess.start("there")) {
            other.ask("claim", file);
            List<String> here = CatalogueProcess.claims(catalogue.operations(), "here");
            List<String> there = new ArrayList<>();
            for (int i = 0; i < here.size(); i++) {
                there.add(String.valueOf(other.answer()));
            }
            other.expect("done");
            for (int i = 0; i < here.size(); i++) {
                assertThat(List.of(here.get(i), there.get(i)))
                        .as("key %d", i)
                        .isIn(List.of("new", "here"), List.of("there", "new"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 1_500})
    void every_save_that_had_returned_outlives_a_killed_process(int saves) throws Exception {
        Path file = folder.resolve("holdfast.db");
        List<String> saved = new ArrayList<>();
        try (CatalogueProcess writer = CatalogueProcess.start("writer")) {
            writer.ask("save", file);
            for (int i = 0; i < saves; i++) {
                saved.add(String.valueOf(writer.answer()));
            }
            saved.addAll(writer.kill());
        }
        assertThat(saved).startsWith("op-0000000").hasSizeGreaterThanOrEqualTo(saves);
        try (Catalogue catalogue = Catalogue.open(file)) {
            assertThat(saved)
                    .allSatisfy(id -> assertThat(catalogue.operations().find(new OperationId(id)))
                            .contains(CatalogueOperationsTest.operation(id)));
            assertThat(catalogue.operations().unfinished().size()).isBetween(saved.size(), saved.size() + 1);
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            assertThat(Sql.text(connection, "PRAGMA integrity_check")).isEqualTo("ok");
        }
    }
}
