package dev.holdfast.sqlite;

import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.testkit.JavaProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;

/** An application that switches its database between WAL and DELETE mode, with a commit after each switch. */
final class SwitchingProcess implements AutoCloseable {
    private final Process process;

    private SwitchingProcess(Process process) {
        this.process = process;
    }

    /** Returns when it has switched once. */
    static SwitchingProcess start(Path database) throws IOException {
        Process process = JavaProcess.start(SwitchingProcess.class, List.of(database.toString()));
        if (!"switched".equals(process.inputReader().readLine())) {
            process.destroyForcibly();
            throw new IOException("the process has ended");
        }
        return new SwitchingProcess(process);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + arguments[0])) {
            Connections.execute(connection, "PRAGMA busy_timeout=60000");
            Connections.execute(connection, "PRAGMA synchronous=OFF");
            for (long n = 0; System.in.available() == 0; n++) {
                String mode = n % 2 == 0 ? "WAL" : "DELETE";
                try {
                    Connections.ask(connection, "PRAGMA journal_mode=" + mode);
                    Connections.execute(connection, "INSERT INTO t VALUES (" + n + ")");
                } catch (SQLException e) {
                    // A backup holds its lock. SQLite does not wait for it in each case.
                    if (!SqliteErrors.isBusy(e)) {
                        throw e;
                    }
                }
                if (n == 1) {
                    System.out.println("switched");
                }
            }
        }
    }
}
