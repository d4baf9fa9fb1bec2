package dev.holdfast.sqlite;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another Java process with the tests' class path. */
final class Java {
    private Java() {}

    static Process start(Class<?> main, List<String> arguments) throws IOException {
        return start(List.of("-XX:TieredStopAtLevel=1"), main, arguments);
    }

    static Process start(List<String> options, Class<?> main, List<String> arguments) throws IOException {
        return start(List.of(), options, main, arguments);
    }

    /** @param before a command that runs the rest of its arguments as a command */
    static Process startUnder(List<String> before, Class<?> main, List<String> arguments) throws IOException {
        return start(before, List.of("-XX:TieredStopAtLevel=1"), main, arguments);
    }

    private static Process start(List<String> before, List<String> options, Class<?> main, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(1, options);
        command.addAll(0, before);
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
