package dev.holdfast.endtoend.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A script under {@code src/test/js} in a Node process of its own. */
public final class NodeScript {
    private static final Path SCRIPTS = Path.of("src/test/js").toAbsolutePath();
    private static final int MOST_SECONDS = 100;

    private NodeScript() {}

    /** Fails unless it succeeds in time. @return what it printed */
    public static String run(String script, List<String> arguments) throws Exception {
        return run(script, arguments, Map.of());
    }

    /** As {@link #run(String, List)}, with more in its environment. */
    public static String run(String script, List<String> arguments, Map<String, String> environment) throws Exception {
        assertThat(SCRIPTS.resolve("node_modules"))
                .as("what the scripts need; ./check installs it, as does `npm ci` in %s", SCRIPTS)
                .isDirectory();
        Path out = Files.createTempFile("node", ".out");
        try {
            var command = new ArrayList<>(List.of("node", script));
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(SCRIPTS.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = process.waitFor(MOST_SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly().onExit().join();
            String printed = Files.readString(out);
            assertThat(ended).as("%s ended; it printed%n%s", script, printed).isTrue();
            assertThat(process.exitValue()).as(printed).isZero();
            return printed;
        } finally {
            Files.delete(out);
        }
    }
}
