package dev.holdfast.bootstrap.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.database.SourceOverrides;
import dev.holdfast.application.filesystem.CallLimits;
import dev.holdfast.application.filesystem.FileSystems;
import dev.holdfast.application.location.KnownLocation;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.layout.LayoutDetector;
import dev.holdfast.store.directory.FolderingStore;
import dev.holdfast.store.directory.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client of Dispatcharr adds to the directories of its database. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class AddedDirectoriesTest {
    @TempDir
    Path root;

    private Optional<String> refusal(Path added, Set<Path> accepted) throws IOException {
        Path config = Files.writeString(root.resolve("holdfast.yml"), """
                holdfast:
                  data-dir: "%1$s/server"
                  dialects: {dispatcharr: {database: tv}}
                  databases:
                    tv: {file: "%1$s/tv/db.sqlite3", profile: dispatcharr}
                    shop: {file: "%1$s/shop.db"}
                """.formatted(root));
        Settings settings = Settings.read(Optional.of(config), Map.of(), Map.of());
        return new SettingsPlaces(
                        settings,
                        settings.dataDir(),
                        new BackupFolders(settings, settings.dataDir(), _ -> List.of()),
                        this::store,
                        new FileSystems(CallLimits.USUAL, InstantSource.system(), _ -> {}, List::of),
                        _ -> SourceOverrides.Choice.NONE,
                        path -> Optional.of(path)
                                .filter(accepted::contains)
                                .map(it -> new KnownLocation(new DatabaseName("shop"), it, it)))
                .refusal(List.of(added));
    }

    private FolderingStore store(DatabaseName name) {
        return (FolderingStore) LocalStore.in(
                root.resolve("backups").resolve(name.value()),
                "server",
                name,
                Naming.of(Profile.NATIVE, name.value()),
                Set.of(),
                InstantSource.system(),
                FailPoints.NONE,
                LayoutDetector::archive);
    }

    @Test
    void are_not_refused_for_what_another_database_leads_to_meanwhile() throws IOException {
        root = root.toRealPath();
        Path added = Files.createDirectories(root.resolve("tv/epg"));
        Files.createFile(Files.createDirectories(root.resolve("server")).resolve("holdfast.db"));
        Files.createSymbolicLink(root.resolve("shop.db"), root.resolve("server/holdfast.db"));

        assertThat(refusal(added, Set.of(root.resolve("shop.db")))).isEmpty();
        assertThat(refusal(root.resolve("elsewhere"), Set.of(root.resolve("shop.db"))))
                .hasValueSatisfying(it -> assertThat(it).contains("is not below"));
    }
}
