package dev.holdfast.endtoend.soak.stores;

import dev.holdfast.endtoend.soak.Sqlite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An application: a process of SQLite's shell that adds entries with its database's name and a sequence number. */
final class EntryWriter implements AutoCloseable {
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int PADDING_BYTES = 3 << 20;

    private final String database;
    private final Sqlite application;
    private final EntryHistory history;
    private final Findings findings;
    private final Thread thread;
    private volatile boolean ended;

    private EntryWriter(String database, Sqlite application, EntryHistory history, Findings findings) {
        this.database = database;
        this.application = application;
        this.history = history;
        this.findings = findings;
        thread = Thread.ofPlatform().daemon().unstarted(this::write);
    }

    /** Creates the database and starts its writer. */
    static EntryWriter start(String database, Path file, String journalMode, EntryHistory history, Findings findings)
            throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        String result = Sqlite.run(
                file.toString(),
                "PRAGMA journal_mode=" + journalMode
                        + "; CREATE TABLE entry (seq INTEGER PRIMARY KEY, prev INTEGER, origin TEXT, body TEXT);"
                        + " CREATE TABLE head (seq INTEGER, entries INTEGER);"
                        + " CREATE TABLE padding (body BLOB);"
                        + " INSERT INTO head VALUES (0, 0);"
                        + " INSERT INTO padding VALUES (randomblob(" + PADDING_BYTES + "));"
                        + " CREATE TRIGGER entry_counts AFTER INSERT ON entry BEGIN"
                        + " UPDATE head SET seq = new.seq, entries = entries + 1; END");
        if (!result.equalsIgnoreCase(journalMode)) {
            throw new IOException(file + ": " + result);
        }
        var writer = new EntryWriter(database, Sqlite.open(file), history, findings);
        writer.add(1);
        writer.thread.start();
        return writer;
    }

    private void write() {
        long sequence = 2;
        while (!ended) {
            try {
                if (add(sequence)) {
                    sequence++;
                }
            } catch (IOException e) {
                if (!ended) {
                    findings.report("a live database cannot be written", database + ": " + e);
                }
                return;
            }
            LockSupport.parkNanos(PAUSE);
        }
    }

    private boolean add(long sequence) throws IOException {
        // One statement: it is committed as a whole or not at all.
        String output = application.run("INSERT INTO entry SELECT " + sequence + ", coalesce(max(seq), 0), '" + database
                + "', hex(randomblob(200)) FROM entry RETURNING prev");
        if (!output.matches("\\d+")) {
            if (output.contains("database is locked")) {
                findings.note(database + ": the application waits for a lock");
            } else {
                findings.report("a live database cannot be written", database + ": " + output);
                LockSupport.parkNanos(20 * PAUSE);
            }
            return false;
        }
        Optional<String> wrong = history.commit(sequence, Long.parseLong(output));
        wrong.ifPresent(it -> findings.report("a live database holds what no restore put there", database + ": " + it));
        return true;
    }

    /** Waits until an entry was committed that began after this call, so that the history shows each earlier restore. */
    boolean awaitNext(long seconds) {
        long from = history.head() + 1;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (history.head() <= from && System.nanoTime() < end && !ended) {
            LockSupport.parkNanos(PAUSE / 5);
        }
        return history.head() > from;
    }

    @Override
    public void close() {
        ended = true;
        application.close();
    }
}
