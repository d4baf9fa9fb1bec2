package dev.holdfast.sqlite;

import dev.holdfast.application.archive.DatabaseConverter;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.sqlite.dump.SqliteDatabaseConverter;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Dumps its first file to its second, and loads that into its third; says how many milliseconds each took. */
final class DumpThereAndBack {
    private DumpThereAndBack() {}

    public static void main(String[] files) throws Exception {
        DatabaseConverter forms = new SqliteDatabaseConverter();
        Path dump = Path.of(files[1]);
        long start = System.nanoTime();
        try (OutputStream out = Files.newOutputStream(dump)) {
            forms.dump(Path.of(files[0]), out, ProgressMonitor.UNWATCHED);
        }
        long dumped = System.nanoTime();
        try (InputStream in = Files.newInputStream(dump)) {
            forms.load(in, Path.of(files[2]), ProgressMonitor.UNWATCHED);
        }
        long loaded = System.nanoTime();
        System.out.println("done " + (dumped - start) / 1_000_000 + " " + (loaded - dumped) / 1_000_000);
    }
}
