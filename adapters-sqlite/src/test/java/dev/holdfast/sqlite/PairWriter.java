package dev.holdfast.sqlite;

import dev.holdfast.sqlite.io.Connections;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Commits each row to two files, until it is killed: to one after the other, or to both in one transaction. Most of the
 * time there is no pause between two transactions. A rest now and then is for a snapshot that can succeed in a pause
 * alone: on a busy machine it hardly ever meets one of some microseconds.
 */
final class PairWriter {
    private static final long WORK = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long REST = TimeUnit.MILLISECONDS.toNanos(20);

    private static long begun = System.nanoTime();

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
                committed(n);
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
                committed(n);
            }
        }
    }

    private static void committed(long n) {
        if (n == 0) {
            System.out.println("committed");
        }
        if (System.nanoTime() - begun > WORK) {
            LockSupport.parkNanos(REST);
            begun = System.nanoTime();
        }
    }
}
