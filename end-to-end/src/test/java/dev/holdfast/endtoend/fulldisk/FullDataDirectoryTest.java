package dev.holdfast.endtoend.fulldisk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.server.BackupApi;
import dev.holdfast.endtoend.server.GrpcApi;
import dev.holdfast.endtoend.server.RestApi;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The catalogue, the scratch directory and the unpacked archives are on one small disk; mounting it takes root. */
@Tag("process")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(180)
class FullDataDirectoryTest {
    /** More than the catalogue's WAL has room for. */
    private static final int MAX_CALLS = 60;

    @TempDir
    Path directory;

    private Path small;

    @BeforeEach
    void mount() throws Exception {
        small = Files.createDirectory(directory.resolve("small"));
        run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", small.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", small.toString());
    }

    private interface Call {
        Map<String, Object> make() throws Exception;
    }

    @Test
    void every_call_on_a_full_data_directory_is_insufficient_storage_or_done() throws Exception {
        Path bank = Bank.create(directory.resolve("app.db"), "WAL", 1);
        try (ServerProcess server = ServerProcess.start(options(bank));
                RestApi rest = new RestApi(server.address(), "");
                GrpcApi grpc = new GrpcApi(server.grpcPort(), "")) {
            String backup = String.valueOf(rest.create("default", "").get("filename"));
            byte[] content = Files.readAllBytes(directory.resolve("backups").resolve(backup));
            fillUp();
            for (BackupApi api : List.of(rest, grpc)) {
                var calls = new LinkedHashMap<String, Call>();
                calls.put("plan", () -> api.updatePlan("default", FarTime.OF_DAY, 5));
                calls.put("labels", () -> api.update("default", backup, false, Map.of("a", "b")));
                calls.put("backup", () -> api.create("default", ""));
                calls.put("restore", () -> api.restore("default", backup, false));
                calls.put("drill", () -> api.drill("default"));
                calls.put("verify", () -> api.verify("default", backup, "full"));
                calls.put("upload", () -> api.upload("default", "app_20200101_000000.db", content));
                calls.forEach((name, call) -> assertFull(name, call, name.equals("labels")));
            }
            Files.delete(small.resolve("ballast"));
            assertThat(rest.create("default", "")).containsKey("filename");
            assertThat(rest.updatePlan("default", FarTime.OF_DAY, 5)).doesNotContainKey("code");
            assertThat(Bank.check(bank)).isZero();
        }
    }

    /** The catalogue takes some more rows until its WAL has to grow. */
    private static void assertFull(String name, Call call, boolean needsNoCatalogue) {
        for (int i = 0; i < MAX_CALLS; i++) {
            Map<String, Object> answer = made(call);
            Object code = answer.getOrDefault("code", "");
            assertThat(code).as("%s: %s", name, answer).isIn("", "insufficient-storage", "filename-taken");
            if (code.equals("insufficient-storage")) {
                assertThat(String.valueOf(answer.get("detail"))).contains("bytes", "free");
                return;
            }
            if (needsNoCatalogue) {
                return;
            }
        }
        throw new AssertionError(name + " never needed space");
    }

    private static Map<String, Object> made(Call call) {
        try {
            return call.make();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void fillUp() throws IOException {
        try (OutputStream out = Files.newOutputStream(small.resolve("ballast"))) {
            byte[] page = new byte[4096];
            while (Files.getFileStore(small).getUsableSpace() >= page.length) {
                out.write(page);
            }
        }
    }

    private Options options(Path bank) throws IOException {
        return Options.in(small)
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {databases: {default: {file: \"%s\", backup-directory: \"%s\"}}}"
                                .formatted(bank, directory.resolve("backups")));
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
