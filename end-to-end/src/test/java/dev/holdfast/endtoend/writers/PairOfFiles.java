package dev.holdfast.endtoend.writers;

import dev.holdfast.testkit.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Another program that counts in two databases without a pause, until its standard input ends: both counters change in
 * one transaction.
 */
public final class PairOfFiles implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;

    private PairOfFiles(Process process, BufferedReader out) {
        this.process = process;
        this.out = out;
    }

    public static void create(Path first, Path second, String journalMode) throws SQLException {
        for (Path file : List.of(first, second)) {
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                    Statement sql = connection.createStatement()) {
                sql.execute("PRAGMA journal_mode=" + journalMode);
                sql.execute("CREATE TABLE counter (n INTEGER NOT NULL, padding BLOB)");
                sql.execute("INSERT INTO counter VALUES (0, randomblob(100000))");
            }
        }
    }

    public static long count(Path file) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement sql = connection.createStatement();
                ResultSet row = sql.executeQuery("SELECT n FROM counter")) {
            return row.getLong(1);
        }
    }

    /** Returns when it has counted once. */
    public static PairOfFiles start(Path first, Path second, String journalMode) throws IOException {
        Process process = JavaProcess.start(
                List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"),
                PairOfFiles.class,
                List.of(first.toString(), second.toString(), journalMode));
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        if (!"counting".equals(line)) {
            throw new IllegalStateException("writer: " + line);
        }
        return new PairOfFiles(process, out);
    }

    /** Lets it end in order. @return how far it has counted */
    public long stop() throws IOException, InterruptedException {
        try (OutputStream in = process.getOutputStream()) {
            in.flush();
        }
        String last = out.readLine();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0 || last == null) {
            throw new IllegalStateException("writer ended with " + process + ": " + last);
        }
        return Long.parseLong(last);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    public static void main(String[] arguments) throws Exception {
        var stop = new AtomicBoolean();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                System.in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // As good as its end.
            }
            stop.set(true);
        });
        long counted = 0;
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + arguments[0]);
                Statement sql = connection.createStatement()) {
            sql.execute("ATTACH '" + arguments[1] + "' AS second");
            sql.execute("PRAGMA busy_timeout=60000");
            sql.execute("PRAGMA main.journal_mode=" + arguments[2]);
            sql.execute("PRAGMA second.journal_mode=" + arguments[2]);
            while (!stop.get()) {
                untilNotBusy(sql, "BEGIN IMMEDIATE");
                untilNotBusy(sql, "UPDATE main.counter SET n = n + 1");
                untilNotBusy(sql, "UPDATE second.counter SET n = n + 1");
                untilNotBusy(sql, "COMMIT");
                if (counted++ == 0) {
                    System.out.println("counting");
                }
            }
        }
        System.out.println(counted);
    }

    private static void untilNotBusy(Statement sql, String statement) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                sql.execute(statement);
                return;
            } catch (SQLException e) {
                if ((e.getErrorCode() & 0xff) != 5 || attempt == 100_000) {
                    throw e;
                }
                LockSupport.parkNanos(200_000);
            }
        }
    }
}
