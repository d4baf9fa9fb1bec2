package dev.holdfast.endtoend.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.clients.NodeScript;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.ServerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What PocketBase's own JavaScript SDK is told by a server that is busy, or has lost its storage. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PocketBaseErrorsTest {
    private static final String SCRIPT = "pocketbase-errors.mjs";

    @TempDir
    Path directory;

    @Test
    void the_sdk_gets_its_own_error_whatever_state_the_server_is_in() throws Exception {
        Path data = PocketBaseInstallation.data(directory);
        Files.write(data.resolve("storage/large"), new byte[64 << 20]);
        var options = PocketBaseInstallation.withAccounts(PocketBaseInstallation.options(directory, data));
        try (ServerProcess server = ServerProcess.start(options)) {
            String operator = Command.run(
                            options.dataDir(), "", "token", "create", "--name", "operator", "--role", "operator")
                    .replaceAll("(?s).*(hft_\\S+).*", "$1");
            String address = server.address().toString().replaceAll("/$", "");
            var arguments = List.of(address, PocketBaseInstallation.EMAIL, PocketBaseInstallation.PASSWORD, operator);

            NodeScript.run(SCRIPT, with(arguments, "busy"));
            assertThat(server.log()).doesNotContain("ERROR");

            Path backups = options.dataDir().resolve("backups/pb");
            Path away = Files.move(backups, options.dataDir().resolve("away"));
            Files.writeString(backups, "no directory");
            NodeScript.run(SCRIPT, with(arguments, "without-storage"));

            Files.delete(backups);
            Files.move(away, backups);
            assertThat(backups.resolve("running.zip")).isRegularFile();
        }
    }

    private static List<String> with(List<String> arguments, String last) {
        return Stream.concat(arguments.stream(), Stream.of(last)).toList();
    }
}
