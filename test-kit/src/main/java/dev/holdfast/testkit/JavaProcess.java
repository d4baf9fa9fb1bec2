package dev.holdfast.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another Java process with the class path of the tests. */
public final class JavaProcess {
    private static final List<String> QUICK_START = List.of("-XX:TieredStopAtLevel=1");

    private JavaProcess() {}

    /** Returns the {@code java} that runs the tests. */
    public static String program() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** @param options of the JVM, in addition to the class path and the access to native code */
    public static List<String> command(List<String> options, Class<?> main, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(program());
        command.addAll(options);
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(arguments);
        return command;
    }

    public static Process start(Class<?> main, List<String> arguments) throws IOException {
        return start(QUICK_START, main, arguments);
    }

    /** Starts a process whose errors appear among those of the tests. */
    public static Process start(List<String> options, Class<?> main, List<String> arguments) throws IOException {
        return startUnder(List.of(), options, main, arguments);
    }

    /** @param launcher a command that runs the rest of its arguments as a command */
    public static Process startUnder(List<String> launcher, Class<?> main, List<String> arguments)
            throws IOException {
        return startUnder(launcher, QUICK_START, main, arguments);
    }

    public static Process startUnder(
            List<String> launcher, List<String> options, Class<?> main, List<String> arguments) throws IOException {
        var command = new ArrayList<>(launcher);
        command.addAll(command(options, main, arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
