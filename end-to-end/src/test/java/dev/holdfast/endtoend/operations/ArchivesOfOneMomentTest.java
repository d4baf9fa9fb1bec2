package dev.holdfast.endtoend.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.PairOfFiles;
import dev.holdfast.testkit.TestScale;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchivesOfOneMomentTest {
    private static final int ARCHIVES = TestScale.of(30, 200);

    @ParameterizedTest(name = "journal mode {0}")
    @ValueSource(strings = {"DELETE", "PERSIST", "WAL"})
    void no_archive_under_a_writing_process_holds_two_moments(String journalMode, @TempDir Path directory)
            throws Exception {
        Path first = directory.resolve("data.db");
        Path second = directory.resolve("auxiliary.db");
        PairOfFiles.create(first, second, journalMode);
        Path data = directory.resolve("server");
        Options options = Options.in(data).config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          busy-timeout: 60s
                          databases:
                            pb: {file: "%s", extra-files: ["%s"], profile: pocketbase}
                        """.formatted(first, second));
        List<String> names = new ArrayList<>();
        long counted;
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address());
                PairOfFiles writer = PairOfFiles.start(first, second, journalMode)) {
            for (int i = 0; i < ARCHIVES; i++) {
                names.add(client.backUp("pb"));
            }
            counted = writer.stop();
        }

        Set<Long> moments = new HashSet<>();
        for (String name : names) {
            Path archive = data.resolve("backups/pb").resolve(name);
            long one = count(archive, "data.db", directory);
            long two = count(archive, "auxiliary.db", directory);
            assertThat(one).as(name).isEqualTo(two);
            moments.add(one);
        }
        // It wrote meanwhile, or the test would show nothing.
        assertThat(moments).hasSizeGreaterThan(ARCHIVES / 10).allMatch(it -> it <= counted);
        assertThat(PairOfFiles.count(first)).isEqualTo(counted);
    }

    private static long count(Path archive, String member, Path directory) throws Exception {
        return PairOfFiles.count(extract(archive, member, directory.resolve("extracted.db")));
    }

    private static Path extract(Path archive, String member, Path to) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            ZipEntry entry = zip.getEntry(member);
            try (InputStream in = zip.getInputStream(entry)) {
                Files.copy(in, to, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return to;
    }
}
