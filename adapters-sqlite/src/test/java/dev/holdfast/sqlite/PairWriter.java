package dev.holdfast.sqlite;

import java.nio.file.Path;
import java.sql.Connection;

/** Commits each row to two files, until it is killed: to one after the other, or to both in one transaction. */
final class PairWriter {
    private PairWriter() {}

    public static void main(String[] arguments) throws Exception {
        Path first = Path.of(arguments[0]);
        Path second = Path.of(arguments[1]);
        switch (arguments[2]) {
            case "apart" -> apart(first, second);
            case "together" -> together(first, second);
            default -> throw new IllegalArgumentException(arguments[2]);
        }
    }

    private static void apart(Path one, Path other) throws Exception {
        try (Connection first = Connections.open(one, "mode=rw", 20_000);
                Connection second = Connections.open(other, "mode=rw", 20_000)) {
            Connections.execute(first, "PRAGMA synchronous=OFF");
            Connections.execute(second, "PRAGMA synchronous=OFF");
            for (long n = 0; n < Long.MAX_VALUE; n++) {
                Connections.execute(first, "INSERT INTO t VALUES (" + n + ")");
                Connections.execute(second, "INSERT INTO t VALUES (" + n + ")");
                tell(n);
            }
        }
    }

    /** Waits for the disk at each commit, so that the first file's is to be seen for a while before the second one's. */
    private static void together(Path one, Path other) throws Exception {
        try (Connection both = Connections.open(one, "mode=rw", 20_000)) {
            Connections.execute(both, "ATTACH '" + other + "' AS second");
            Connections.execute(both, "PRAGMA main.synchronous=EXTRA");
            Connections.execute(both, "PRAGMA second.synchronous=EXTRA");
            for (long n = 0; n < Long.MAX_VALUE; n++) {
                Connections.execute(both, "BEGIN IMMEDIATE");
                Connections.execute(both, "INSERT INTO main.t VALUES (" + n + ")");
                Connections.execute(both, "INSERT INTO second.t VALUES (" + n + ")");
                Connections.execute(both, "COMMIT");
                tell(n);
            }
        }
    }

    private static void tell(long n) {
        if (n == 0) {
            System.out.println("committed");
        }
    }
}
