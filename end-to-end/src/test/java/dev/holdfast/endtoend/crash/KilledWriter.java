package dev.holdfast.endtoend.crash;

import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.testkit.JavaProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;

/** A program that dies with a transaction half written to the disk. */
final class KilledWriter {
    private KilledWriter() {}

    /** Returns when it is dead; other writers wait for it meanwhile, and find its journal afterwards. */
    static void inTheMiddleOfATransaction(Path bank, String journalMode) throws Exception {
        Process process = JavaProcess.start(List.of(), KilledWriter.class, List.of(bank.toString(), journalMode));
        try (var out = process.inputReader(StandardCharsets.UTF_8)) {
            if (!"half".equals(out.readLine())) {
                throw new IllegalStateException("it did not get to the middle");
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = Bank.open(Path.of(arguments[0]), arguments[1], 60_000);
                Statement sql = connection.createStatement()) {
            // Too small for the transaction, which so reaches the disk before it is committed.
            sql.execute("PRAGMA cache_size=5");
            sql.execute("BEGIN IMMEDIATE");
            sql.execute("UPDATE account SET balance = balance + 1");
            sql.execute("UPDATE padding SET data = randomblob(1 << 20)");
            sql.execute("INSERT INTO entry (note) SELECT hex(randomblob(2000)) FROM account");
            System.out.println("half");
            System.in.read();
        }
    }
}
