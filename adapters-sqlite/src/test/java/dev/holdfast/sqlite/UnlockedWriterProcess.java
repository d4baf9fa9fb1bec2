package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.testkit.JavaProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * An application that writes to a database without SQLite's locks, until it is killed. Before each state it writes that
 * state's SHA-256 to its journal, so a copy whose digest the journal lacks is no state of this application.
 */
final class UnlockedWriterProcess implements AutoCloseable {
    /** How it writes. */
    enum Way {
        /** As {@code writeFileSync} with sql.js: truncates the file and writes the whole image. */
        REWRITE,
        /**
         * Writes the whole image over the old one in pieces, without truncating it. If this process is stopped in the
         * middle for longer than a copy takes, the mixture is not noticed.
         */
        OVERWRITE,
        /** Renames a new file into place. */
        RENAME,
        /** Changes pages under a lock folder with a rollback journal, as node-sqlite3-wasm. */
        LOCK_FOLDER
    }

    private static final int PAGE = 4096;

    private final Process process;
    private final Path journal;

    private UnlockedWriterProcess(Process process, Path journal) {
        this.process = process;
        this.journal = journal;
    }

    /**
     * Returns when the first state is written.
     *
     * @param pauseMillis between two states
     */
    static UnlockedWriterProcess start(Way way, Path database, Path journal, int pages, int pauseMillis)
            throws IOException {
        Process process = JavaProcess.start(
                UnlockedWriterProcess.class,
                List.of(
                        way.name(),
                        database.toString(),
                        journal.toString(),
                        String.valueOf(pages),
                        String.valueOf(pauseMillis)));
        var writer = new UnlockedWriterProcess(process, journal);
        String line = process.inputReader().readLine();
        if (!"written".equals(line)) {
            writer.close();
            throw new IOException("the writer said: " + line);
        }
        return writer;
    }

    /** The digests of all states that have been in the database, and perhaps of the next one. */
    Set<String> states() throws IOException {
        return new HashSet<>(Files.readAllLines(journal, UTF_8));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    public static void main(String[] arguments) throws Exception {
        Way way = Way.valueOf(arguments[0]);
        Path database = Path.of(arguments[1]);
        Path journal = Path.of(arguments[2]);
        byte[] image = image(database, Integer.parseInt(arguments[3]));
        long pause = Long.parseLong(arguments[4]) * 1_000_000;
        for (long n = 0; n < Long.MAX_VALUE; n++) {
            // A free page holds arbitrary bytes, so every state is a sound database.
            for (int at = 4 * PAGE + 8; at < image.length; at += PAGE) {
                ByteBuffer.wrap(image).putLong(at, n);
            }
            String digest = Sha256.of(Sha256.newDigest().digest(image)).hex();
            Files.writeString(
                    journal,
                    digest + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND,
                    StandardOpenOption.WRITE);
            switch (way) {
                case REWRITE -> Files.write(database, image);
                case OVERWRITE -> overwrite(database, image);
                case RENAME -> rename(database, image);
                case LOCK_FOLDER -> underLockFolder(database, image);
            }
            if (n == 0) {
                System.out.println("written");
            }
            // Mostly in bursts, sometimes with a rest.
            int factor = ThreadLocalRandom.current().nextInt(4) == 0 ? 20 : 1;
            LockSupport.parkNanos(
                    factor * (pause / 2 + ThreadLocalRandom.current().nextLong(pause + 1)));
        }
    }

    /** A database whose pages behind the fourth one are leaves of the free list. */
    private static byte[] image(Path database, int pages) throws Exception {
        Path made = database.resolveSibling("made");
        Shell.run(
                made,
                "PRAGMA page_size=" + PAGE + "; CREATE TABLE t(x); CREATE TABLE u(x); INSERT INTO u VALUES (zeroblob("
                        + (pages - 3) * (PAGE - 4) + ")); DELETE FROM u");
        byte[] image = Files.readAllBytes(made);
        Files.delete(made);
        return image;
    }

    private static void overwrite(Path database, byte[] image) throws IOException {
        try (FileChannel channel = FileChannel.open(database, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int at = 0; at < image.length; at += PAGE) {
                Channels.write(channel, ByteBuffer.wrap(image, at, PAGE), at);
            }
        }
    }

    private static void rename(Path database, byte[] image) throws IOException {
        Path fresh = database.resolveSibling("fresh");
        Files.write(fresh, image);
        Files.move(fresh, database, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void underLockFolder(Path database, byte[] image) throws IOException {
        Path lock = Files.createDirectory(database.resolveSibling(database.getFileName() + ".lock"));
        if (Files.exists(database)) {
            Path journal = database.resolveSibling(database.getFileName() + "-journal");
            Files.write(
                    journal,
                    new byte[] {(byte) 0xd9, (byte) 0xd5, 5, (byte) 0xf9, 0x20, (byte) 0xa1, 0x63, (byte) 0xd7});
            overwrite(database, image);
            Files.delete(journal);
        } else {
            Files.write(database, image);
        }
        Files.delete(lock);
    }
}
