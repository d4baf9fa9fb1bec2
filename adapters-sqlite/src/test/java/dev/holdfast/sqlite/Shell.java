package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program that has a database open: SQLite's own shell, in a process of its own. */
public final class Shell implements AutoCloseable {
    private static final String END = "-- end --";

    private final Process process;
    private final BufferedWriter input;

    private Shell(Process process) {
        this.process = process;
        this.input = process.outputWriter();
    }

    public static Shell open(Path database) throws IOException {
        return in(List.of(), database);
    }

    /** @param launcher a command that runs the shell, such as {@code unshare} with its options */
    public static Shell in(List<String> launcher, Path database) throws IOException {
        List<String> command = new ArrayList<>(launcher);
        command.addAll(List.of("sqlite3", "-batch", database.toString()));
        return new Shell(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** One run on its own; the shell has ended when this returns. */
    public static String run(Path database, String sql) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sqlite3", "-batch", database.toString(), sql)
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String answer = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return answer;
    }

    /** What it answers, errors included; the transaction it has open stays open. */
    public String say(String sql) throws IOException {
        input.write(sql + ";\n.print " + END + "\n");
        input.flush();
        StringBuilder answer = new StringBuilder();
        for (String line = process.inputReader().readLine();
                !END.equals(line);
                line = process.inputReader().readLine()) {
            if (line == null) {
                throw new IOException("the shell has ended; it said: " + answer);
            }
            answer.append(line).append('\n');
        }
        return answer.toString();
    }

    @Override
    public void close() {
        kill();
    }

    /** Ends the process at once; it has no time to tidy up. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }
}
