package dev.holdfast.endtoend.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.JavaProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A command beside a server that runs, as an administrator gives it. */
public final class Command {
    private Command() {}

    /** Fails unless it succeeds. @return what it printed */
    public static String run(Path dataDir, String input, String... arguments) throws Exception {
        Process process = launch(dataDir, input, arguments);
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", arguments) + err).isZero();
        return out;
    }

    public static Process launch(Path dataDir, String input, String... arguments) throws Exception {
        var command = new ArrayList<String>();
        command.add(JavaProcess.program());
        command.addAll(FastStart.options());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "dev.holdfast.bootstrap.Holdfast"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--data-dir", dataDir.toString()));
        Process process = new ProcessBuilder(command).start();
        try (OutputStream in = process.getOutputStream()) {
            in.write((input + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            assertThat(process.onExit().join().exitValue())
                    .as("ended without reading")
                    .isNotZero();
        }
        return process;
    }
}
