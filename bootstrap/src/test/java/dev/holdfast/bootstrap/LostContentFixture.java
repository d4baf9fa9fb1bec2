package dev.holdfast.bootstrap;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** A table of orders, full or empty, and a directory for its database and its backups. */
abstract class LostContentFixture {
    static final String SCHEMA = "CREATE TABLE orders(id INTEGER PRIMARY KEY, note);";
    static final String FILL = SCHEMA
            + "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 9999)"
            + " INSERT INTO orders SELECT n, hex(randomblob(10)) FROM c;";
    static final String ORDER = "INSERT INTO orders(note) VALUES ('one more');";

    @TempDir
    Path root;

    static void newFile(PlannedFiles files, String statements) throws Exception {
        Files.deleteIfExists(files.source("app"));
        files.sql(statements);
    }

    static List<Boolean> suspicious(PlannedFiles files) {
        return files.list().stream().map(it -> it.suspicion().isPresent()).toList();
    }
}
