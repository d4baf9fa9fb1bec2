package dev.holdfast.dialects.dispatcharr.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import dev.holdfast.http.dialect.DocumentsInMemory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DirectoryChoiceTest {
    private static final DatabaseName TV = new DatabaseName("tv");
    private static final Path RECORDINGS = Path.of("/tv/recordings");
    private static final Path EXTRA = Path.of("/tv/extra");
    private static final Dialects SERVED = new Dialects(Optional.empty(), Map.of(Dialect.DISPATCHARR, TV), false);
    private static final DispatcharrPlaces ANYWHERE = new AllowedPlaces(Optional.empty());

    private record AllowedPlaces(Optional<String> refusal) implements DispatcharrPlaces {
        @Override
        public Path backups() {
            return Path.of("/backups");
        }

        @Override
        public Path chosen() {
            return backups();
        }

        @Override
        public Choice choose(String text) {
            return new Choice.Forbidden(text);
        }

        @Override
        public Optional<String> refusal(List<Path> extra) {
            return refusal;
        }
    }

    private final DialectDocuments documents = new DocumentsInMemory();

    private RegisteredDatabase chosen(Profile profile, Dialects dialects) {
        var database =
                new Database(TV, new Source(Path.of("/tv/tv.db"), List.of(), List.of(RECORDINGS)), profile, "app");
        var databases = new Databases(
                List.of(new RegisteredDatabase(database, new InMemoryBackupStore())),
                DirectoryChoice.keptIn(documents, dialects));
        assertThat(databases.all()).hasSize(1);
        return ((Outcome.Done<RegisteredDatabase>) databases.find("tv")).value();
    }

    private List<String> remarks(Dialects dialects, DispatcharrPlaces places) {
        return DirectoryChoice.remarks(documents, dialects, List.of(TV), places);
    }

    private void choose() {
        new DirectoryChoice(true, false, List.of(EXTRA)).keep(documents, TV);
    }

    @Test
    void a_choice_is_in_force_for_the_database_that_is_served() {
        choose();
        RegisteredDatabase chosen = chosen(Profile.DISPATCHARR, SERVED);
        assertThat(chosen.database().layout()).isEqualTo(Layout.DISPATCHARR_TAR_GZ);
        assertThat(chosen.database().source().directories()).containsExactly(RECORDINGS, EXTRA);
        assertThat(chosen.backedUp().directories()).containsExactly(EXTRA);
        assertThat(remarks(SERVED, ANYWHERE)).isEmpty();
    }

    @Test
    void it_is_not_in_force_for_one_that_is_not_served_any_more() {
        choose();
        for (Dialects now : List.of(
                Dialects.NONE,
                new Dialects(Optional.empty(), Map.of(Dialect.DISPATCHARR, new DatabaseName("other")), false))) {
            RegisteredDatabase plain = chosen(Profile.DISPATCHARR, now);
            assertThat(plain.database().layout()).isEqualTo(Layout.DISPATCHARR_ZIP);
            assertThat(plain.backedUp().directories()).containsExactly(RECORDINGS);
            assertThat(remarks(now, ANYWHERE)).singleElement().asString().contains("tv", "not in force");
        }
    }

    @Test
    void a_layout_that_the_profile_does_not_have_is_not_in_force() {
        choose();
        assertThat(chosen(Profile.NATIVE, SERVED).database().layout()).isEqualTo(Layout.SQLITE);
    }

    @Test
    void what_is_no_path_here_is_left_out_and_told() {
        documents.keep(TV, "dispatcharr.directories", "extra=/tv/\0caf\nextra=" + EXTRA);
        assertThat(chosen(Profile.DISPATCHARR, SERVED).backedUp().directories()).containsExactly(RECORDINGS, EXTRA);
        assertThat(remarks(SERVED, ANYWHERE)).singleElement().asString().contains("no path in this server's locale");
    }

    @Test
    void what_the_settings_do_not_allow_any_more_is_told() {
        choose();
        assertThat(remarks(SERVED, new AllowedPlaces(Optional.of("the backups lie there"))))
                .singleElement()
                .asString()
                .contains("extra_paths", "the backups lie there");
    }
}
