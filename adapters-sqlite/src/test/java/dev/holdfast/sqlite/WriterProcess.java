package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.testkit.JavaProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.sqlite.BusyHandler;

/**
 * An application: moves money between two accounts and counts its rows, one transaction after the other, until its
 * input ends. In every committed state the balances add up to {@link #TOTAL} and the counter is the number of rows.
 */
final class WriterProcess implements AutoCloseable {
    static final int TOTAL = 100_000;

    private final Process process;

    private WriterProcess(Process process) {
        this.process = process;
    }

    static void prepare(Path database, String journalMode) throws Exception {
        Shell.run(
                database,
                "PRAGMA journal_mode=" + journalMode + ";"
                        + "CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, note TEXT);"
                        + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1000)"
                        + " INSERT INTO account SELECT i, 100, hex(randomblob(100)) FROM n;"
                        + "CREATE TABLE move(id INTEGER PRIMARY KEY, what TEXT UNIQUE);"
                        + "CREATE TABLE counter(n INTEGER); INSERT INTO counter VALUES (0);");
    }

    /** Returns when it has committed. */
    static WriterProcess start(Path database, String journalMode) throws IOException {
        Process process = JavaProcess.start(WriterProcess.class, List.of(database.toString(), journalMode));
        WriterProcess writer = new WriterProcess(process);
        String line = process.inputReader().readLine();
        if (!"committed".equals(line)) {
            writer.close();
            throw new IOException("the writer said: " + line);
        }
        return writer;
    }

    static void assertInvariants(Path copy) throws Exception {
        String answer = Shell.run(
                copy,
                "PRAGMA integrity_check; SELECT sum(balance) FROM account;"
                        + "SELECT (SELECT n FROM counter) - (SELECT count(*) FROM move)");
        assertThat(answer).isEqualTo("ok\n" + TOTAL + "\n0\n");
    }

    /** Kills it: it has no time to tidy up. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + arguments[0])) {
            BusyHandler.setHandler(connection, new Impatient());
            Connections.ask(connection, "PRAGMA journal_mode=" + arguments[1]);
            Connections.execute(connection, "PRAGMA synchronous=OFF");
            for (long n = 0; System.in.available() == 0; n++) {
                move(connection, ProcessHandle.current().pid() + "-" + n);
                if (n == 0) {
                    System.out.println("committed");
                }
            }
        }
    }

    private static void move(Connection connection, String what) throws SQLException {
        int from = ThreadLocalRandom.current().nextInt(1, 1001);
        int to = ThreadLocalRandom.current().nextInt(1, 1001);
        Connections.execute(connection, "BEGIN IMMEDIATE");
        Connections.execute(connection, "UPDATE account SET balance = balance - 1 WHERE id = " + from);
        Connections.execute(connection, "UPDATE account SET balance = balance + 1 WHERE id = " + to);
        Connections.execute(connection, "INSERT INTO move(what) VALUES ('" + what + "')");
        Connections.execute(connection, "UPDATE counter SET n = n + 1");
        Connections.execute(connection, "COMMIT");
    }

    /** Asks for a lock so often that several writers without a pause all get on. Gives up after a good minute. */
    private static final class Impatient extends BusyHandler {
        @Override
        protected int callback(int attempts) {
            LockSupport.parkNanos(500_000);
            return attempts < 120_000 ? 1 : 0;
        }
    }
}
