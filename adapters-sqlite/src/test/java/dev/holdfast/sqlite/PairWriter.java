package dev.holdfast.sqlite;

import java.nio.file.Path;
import java.sql.Connection;

/** Commits each row to a first file, then to a second one, until it is killed. */
final class PairWriter {
    private PairWriter() {}

    public static void main(String[] files) throws Exception {
        try (Connection first = Connections.open(Path.of(files[0]), "mode=rw", 20_000);
                Connection second = Connections.open(Path.of(files[1]), "mode=rw", 20_000)) {
            Connections.execute(first, "PRAGMA synchronous=OFF");
            Connections.execute(second, "PRAGMA synchronous=OFF");
            for (long n = 0; n < Long.MAX_VALUE; n++) {
                Connections.execute(first, "INSERT INTO t VALUES (" + n + ")");
                Connections.execute(second, "INSERT INTO t VALUES (" + n + ")");
                if (n == 0) {
                    System.out.println("committed");
                }
            }
        }
    }
}
