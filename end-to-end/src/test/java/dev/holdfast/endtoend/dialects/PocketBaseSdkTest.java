package dev.holdfast.endtoend.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.ServerProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PocketBase's own JavaScript SDK, unchanged, as {@code npm ci} installs it. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PocketBaseSdkTest {
    private static final Path SCRIPTS = Path.of("src/test/js").toAbsolutePath();
    private static final Pattern TOKEN = Pattern.compile("hft_\\S+");

    @TempDir
    Path directory;

    @Test
    void the_sdk_does_all_it_can_and_gets_its_own_errors() throws Exception {
        assertThat(SCRIPTS.resolve("node_modules/pocketbase"))
                .as("npm ci in end-to-end/src/test/js, as ./check does")
                .isDirectory();
        Path data = PocketBaseInstallation.data(directory);
        var options = PocketBaseInstallation.withAccounts(PocketBaseInstallation.options(directory, data));
        try (ServerProcess server = ServerProcess.start(options)) {
            String output =
                    Command.run(options.dataDir(), "", "token", "create", "--name", "operator", "--role", "operator");
            Matcher token = TOKEN.matcher(output);
            assertThat(token.find()).as(output).isTrue();
            String address = server.address().toString().replaceAll("/$", "");

            node(
                    "pocketbase.mjs",
                    address,
                    PocketBaseInstallation.EMAIL,
                    PocketBaseInstallation.PASSWORD,
                    token.group());

            assertThat(server.log()).doesNotContain("ERROR").doesNotContain(token.group());
        }
    }

    private static void node(String script, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("node", SCRIPTS.resolve(script).toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said).contains("done");
    }
}
