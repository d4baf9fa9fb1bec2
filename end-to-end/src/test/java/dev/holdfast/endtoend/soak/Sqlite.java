package dev.holdfast.endtoend.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** SQLite's own shell: what an application sees and does, without a line of the product. */
public final class Sqlite implements AutoCloseable {
    private static final String END = "-- end --";

    private final Process process;
    private final BufferedWriter input;

    private Sqlite(Process process) {
        this.process = process;
        this.input = process.outputWriter(UTF_8);
    }

    /** An application that keeps the database open. */
    public static Sqlite open(Path database) throws IOException {
        var shell = new Sqlite(new ProcessBuilder("sqlite3", "-batch", "-cmd", ".timeout 20000", database.toString())
                .redirectErrorStream(true)
                .start());
        shell.run("SELECT count(*) FROM sqlite_master");
        return shell;
    }

    /** @return what it prints, errors included, without the last line break */
    public String run(String sql) throws IOException {
        return send(sql + ";");
    }

    /** Writes what a command or statement prints to a file. @return the errors that it reports */
    String print(String command, Path to) throws IOException {
        return send(".output '" + to + "'\n" + command + "\n.output");
    }

    private String send(String lines) throws IOException {
        input.write(lines + "\n.print " + END + "\n");
        input.flush();
        StringBuilder output = new StringBuilder();
        for (String line = process.inputReader().readLine();
                !END.equals(line);
                line = process.inputReader().readLine()) {
            if (line == null) {
                throw new IOException("the sqlite3 shell has ended: " + output);
            }
            output.append(output.isEmpty() ? "" : "\n").append(line);
        }
        return output.toString();
    }

    /** @param database a path or a URI, opened for this alone. @return what is printed, errors included */
    public static String run(String database, String sql) throws IOException {
        synchronized (Visitor.SHELL) {
            String output = Visitor.SHELL.send(".open '" + database + "'\n.timeout 20000\n" + sql + ";");
            Visitor.SHELL.send(".open :memory:");
            return output;
        }
    }

    /** Another program, which opens a database, reads or writes and closes it again. */
    private static final class Visitor {
        static final Sqlite SHELL = start();

        private static Sqlite start() {
            try {
                var shell = open(Path.of(":memory:"));
                Runtime.getRuntime().addShutdownHook(new Thread(shell::close));
                return shell;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
