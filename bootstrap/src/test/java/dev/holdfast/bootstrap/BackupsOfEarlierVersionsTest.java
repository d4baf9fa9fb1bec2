package dev.holdfast.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Suspicion;
import dev.holdfast.domain.profile.Profile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an upgrade knows of backups that an earlier version made, when the database loses its content. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(300)
class BackupsOfEarlierVersionsTest extends LostContentFixture {
    @Test
    void what_an_earlier_version_recorded_is_enough_for_plain_databases() throws Exception {
        try (var files = PlannedFiles.of(root, Map.of("retention.last", "2"))) {
            files.sql(FILL);
            files.hours(2);
            strip(files);
            files.restart();
            assertThat(files.list()).allMatch(it -> it.image().isEmpty());
            newFile(files, SCHEMA);
            files.hours(3);

            assertThat(files.list()).hasSize(5);
            assertThat(files.pause()).isPresent();
        }
    }

    @Test
    void of_archives_an_earlier_version_recorded_no_size_yet_an_empty_file_is_noticed() throws Exception {
        try (var files = new PlannedFiles(root, Profile.POCKETBASE, Map.of("app", Map.of("retention.last", "2")))) {
            files.sql(FILL);
            files.hours(2);
            strip(files);
            files.restart();
            Files.write(files.source("app"), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
            files.hour();

            assertThat(files.list()).hasSize(3);
            assertThat(files.list().getFirst().suspicion().orElseThrow().kind()).isEqualTo(Suspicion.Kind.EMPTY);
        }
    }

    /** Takes what earlier versions did not write out of the metadata. */
    private static void strip(PlannedFiles files) throws Exception {
        try (Stream<Path> metadata = Files.walk(files.root.resolve("backups"))) {
            for (Path file :
                    metadata.filter(it -> it.toString().endsWith(".db.json")).toList()) {
                String text = Files.readString(file, UTF_8);
                int labels = text.indexOf("\"labels\"");
                int end = text.indexOf('}', labels);
                Files.writeString(file, text.substring(0, end + 1) + "\n}", UTF_8);
            }
        }
    }
}
