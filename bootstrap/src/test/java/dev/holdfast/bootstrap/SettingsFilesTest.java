package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.location.Locations;
import dev.holdfast.application.location.Places;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.store.KnownStore;
import dev.holdfast.application.store.KnownStore.Stage;
import dev.holdfast.application.store.StoreId;
import dev.holdfast.bootstrap.settings.Settings;
import dev.holdfast.bootstrap.start.DataDirectory;
import dev.holdfast.bootstrap.start.SettingsFiles;
import dev.holdfast.catalogue.Catalogue;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that a client has chosen for backups, in the place of a path of a database. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SettingsFilesTest {
    private static final DatabaseName TV = new DatabaseName("tv");

    @TempDir
    Path root;

    private Settings settings;
    private Source source;
    private Path chosen;
    private DataDirectory data;
    private Catalogue catalogue;

    @BeforeEach
    void a_database_with_a_directory() throws IOException {
        root = root.toRealPath();
        Files.createDirectories(root.resolve("app/logos"));
        Files.createFile(root.resolve("app/tv.db"));
        chosen = Files.createDirectories(root.resolve("nas/tv"));
        Path file = Files.writeString(root.resolve("holdfast.yml"), """
                holdfast:
                  data-dir: "%1$s/data"
                  databases:
                    tv: {file: "%1$s/app/tv.db", profile: dispatcharr, directories: "%1$s/app/logos"}
                """.formatted(root));
        settings = Settings.read(Optional.of(file), Map.of(), Map.of());
        source = settings.databases().getFirst().source();
        data = DataDirectory.at(settings.dataDir());
        data.loadSqlite();
        catalogue = Catalogue.open(data.catalogue());
    }

    @AfterEach
    void close() {
        catalogue.close();
    }

    private Optional<Problem> problemOfLinks(Places places) throws IOException {
        var locations = new Locations(catalogue.locations(), places);
        locations
                .begin(Map.of(TV, source), new InMemoryPlanStore(), InstantSource.system())
                .begin(TV);
        for (Path path : List.of(source.main(), source.directories().getFirst())) {
            Path aside = path.resolveSibling("aside");
            Files.move(path, aside);
            Files.createSymbolicLink(path, Files.isDirectory(aside) ? chosen : chosen.resolve("a.db"));
            Optional<Problem> problem = locations.problem(TV, source);
            assertThat(problem).isPresent();
            if (!(problem.get() instanceof Problem.SourceNotAccessible)) {
                return problem;
            }
            Files.delete(path);
            Files.move(aside, path);
        }
        return Optional.empty();
    }

    @Test
    void a_folder_in_use_cannot_be_confirmed_as_a_source() throws IOException {
        assertThat(problemOfLinks(SettingsFiles.places(settings, data, catalogue, _ -> List.of(chosen))))
                .isEmpty();
    }

    @Test
    void a_remembered_folder_cannot_be_confirmed_as_a_source() throws IOException {
        catalogue
                .stores()
                .remember(new KnownStore(
                        TV,
                        "local:" + chosen,
                        StoreId.random(new SecureRandom()),
                        Stage.WRITTEN,
                        source.main(),
                        chosen,
                        Optional.empty(),
                        Optional.empty(),
                        Set.of()));
        assertThat(problemOfLinks(SettingsFiles.places(settings, data, catalogue, _ -> List.of())))
                .isEmpty();
    }

    @Test
    void another_folder_waits_for_a_confirmation() throws IOException {
        assertThat(problemOfLinks(SettingsFiles.places(settings, data, catalogue, _ -> List.of())))
                .containsInstanceOf(Problem.LocationChanged.class);
    }
}
