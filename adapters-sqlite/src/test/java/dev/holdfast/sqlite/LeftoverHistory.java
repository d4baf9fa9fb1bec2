package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of one database at three moments of its life, in each of which its writer was killed: an older one, the one
 * that counts as "as it was", and a newer one. In DELETE mode the writer is in the middle of a transaction over two
 * databases, with a super-journal.
 */
final class LeftoverHistory {
    /** The other database of the transaction in DELETE mode; its files do not deviate. */
    static final String OTHER = "other.db";

    private static final byte[] JOURNAL_MAGIC = {
        (byte) 0xd9, (byte) 0xd5, 0x05, (byte) 0xf9, 0x20, (byte) 0xa1, 0x63, (byte) 0xd7
    };
    private static final int LOCK_PAGE = 0x40000000 / 4096 + 1;
    private static final int ROWS = 120;

    private final String mode;
    private final List<Map<LeftoverPart, byte[]>> moments;
    private final Map<String, byte[]> others;

    private LeftoverHistory(String mode, List<Map<LeftoverPart, byte[]>> moments, Map<String, byte[]> others) {
        this.mode = mode;
        this.moments = moments;
        this.others = others;
    }

    String mode() {
        return mode;
    }

    /** @param folder empty */
    static LeftoverHistory inWalMode(Path folder) throws Exception {
        Path database = folder.resolve(LeftoverPart.MAIN.fileName());
        List<Map<LeftoverPart, byte[]>> moments = new ArrayList<>();
        Shell.run(database, create());
        try (Shell writer = Shell.open(database)) {
            writer.say("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0");
            for (int moment = 0; moment < 3; moment++) {
                if (moment == 2) {
                    writer.say("PRAGMA wal_checkpoint(PASSIVE)");
                }
                for (int i = 0; i < 10; i++) {
                    writer.say(move(moment * 10 + i));
                }
                moments.add(read(folder, LeftoverPart.MAIN, LeftoverPart.WAL, LeftoverPart.WAL_INDEX));
            }
        }
        return new LeftoverHistory("WAL", moments, Map.of());
    }

    /** @param folder empty */
    static LeftoverHistory inDeleteMode(Path folder) throws Exception {
        Path database = folder.resolve(LeftoverPart.MAIN.fileName());
        Path other = folder.resolve(OTHER);
        Shell.run(database, create());
        Shell.run(other, create());
        List<Map<LeftoverPart, byte[]>> moments = new ArrayList<>();
        Map<String, byte[]> others = new HashMap<>();
        try (Shell writer = Shell.open(database)) {
            writer.say("PRAGMA cache_size=1; PRAGMA cache_spill=1");
            writer.say("ATTACH '" + other + "' AS other; PRAGMA other.cache_size=1; PRAGMA other.cache_spill=1");
            for (int moment = 0; moment < 3; moment++) {
                writer.say(move(moment));
                writer.say("BEGIN; UPDATE main.account SET note = hex(randomblob(400)), balance = balance + 1;"
                        + "UPDATE other.account SET note = hex(randomblob(400)), balance = balance + 1");
                moments.add(read(folder, LeftoverPart.MAIN, LeftoverPart.JOURNAL));
                if (moment == 1) {
                    others.put(OTHER, Files.readAllBytes(other));
                    others.put(OTHER + "-journal", Files.readAllBytes(folder.resolve(OTHER + "-journal")));
                }
                writer.say("ROLLBACK");
            }
        }
        return new LeftoverHistory("DELETE", moments, others);
    }

    private static String create() {
        return "CREATE TABLE account(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, note TEXT);"
                + "CREATE TABLE move(id INTEGER PRIMARY KEY, what TEXT UNIQUE);"
                + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + ROWS + ")"
                + " INSERT INTO account SELECT i, 100, hex(randomblob(400)) FROM n";
    }

    /** Changes two pages in one transaction, so that half of it shows. */
    private static String move(int number) {
        return "BEGIN; UPDATE account SET balance = balance - 1 WHERE id = " + (1 + number % 20) + ";"
                + "UPDATE account SET balance = balance + 1 WHERE id = " + (ROWS - number % 20) + ";"
                + "INSERT INTO move(what) VALUES ('" + number + "'); COMMIT";
    }

    private static Map<LeftoverPart, byte[]> read(Path folder, LeftoverPart... parts) throws IOException {
        Map<LeftoverPart, byte[]> read = new EnumMap<>(LeftoverPart.class);
        for (LeftoverPart part : parts) {
            read.put(part, Files.readAllBytes(folder.resolve(part.fileName())));
        }
        return read;
    }

    /** The files that do not deviate, for a database in {@code folder}. */
    Map<String, byte[]> others(Path folder) {
        Map<String, byte[]> named = new HashMap<>(others);
        named.computeIfPresent(OTHER + "-journal", (_, journal) -> withSuperJournal(journal, folder));
        return named;
    }

    /**
     * The content of one file.
     *
     * @param moment 0 to 2, the oldest first
     * @param folder of the database, whose path the journals name
     * @return null if the file did not exist at that moment
     */
    byte @Nullable [] content(LeftoverPart part, int moment, Path folder) {
        byte @Nullable [] stored = moments.get(moment).get(part);
        if (part == LeftoverPart.SUPER_JOURNAL && mode.equals("DELETE")) {
            return (folder.resolve(LeftoverPart.JOURNAL.fileName()) + "\0" + folder.resolve(OTHER + "-journal") + "\0")
                    .getBytes(UTF_8);
        }
        return part == LeftoverPart.JOURNAL && stored != null ? withSuperJournal(stored, folder) : stored;
    }

    /** Appends what SQLite writes at a commit over several files, before the super-journal is deleted. */
    private static byte[] withSuperJournal(byte[] journal, Path folder) {
        byte[] name =
                folder.resolve(LeftoverPart.SUPER_JOURNAL.fileName()).toString().getBytes(UTF_8);
        int sum = 0;
        for (byte b : name) {
            sum += b;
        }
        return ByteBuffer.allocate(journal.length + 4 + name.length + 8 + JOURNAL_MAGIC.length)
                .put(journal)
                .putInt(LOCK_PAGE)
                .put(name)
                .putInt(name.length)
                .putInt(sum)
                .put(JOURNAL_MAGIC)
                .array();
    }
}
