package dev.holdfast.files.archive.hostile;

import static dev.holdfast.files.archive.hostile.Bytes.utf8;

import dev.holdfast.files.archive.hostile.RawZip.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Archives that nothing is wrong with, to begin from. */
final class Valid {
    static final String TEXT = "a file of some length, of some length";
    static final byte[] DATABASE = database();
    static final String METADATA = "{\"format\":\"dispatcharr-backup\",\"version\":2,\"database_type\":\"sqlite\","
            + "\"database_file\":\"database.sqlite3\",\"created_at\":\"2026-08-19T03:00:03.123456+00:00\"}";
    static final String MANIFEST =
            "{\"format\":\"dispatcharr-backup\",\"version\":1,\"created_at\":\"2025-09-28T03:15:00+00:00\","
                    + "\"data_directories\":[\"/data/logos\"],\"missing_directories\":[],"
                    + "\"database_dump\":\"database.json\",\"include_recordings\":true}";

    static final String DUMP_PRAGMAS = """
            [
            {"model":"sqlite.sqlite_pragma","pk":"page_size","fields":{"value":4096}},
            {"model":"sqlite.sqlite_pragma","pk":"encoding","fields":{"value":"UTF-8"}},
            {"model":"sqlite.sqlite_pragma","pk":"auto_vacuum","fields":{"value":0}},
            {"model":"sqlite.sqlite_pragma","pk":"user_version","fields":{"value":0}},
            {"model":"sqlite.sqlite_pragma","pk":"application_id","fields":{"value":0}},
            """;
    static final String DUMP_SCHEMA =
            "{\"model\":\"sqlite.sqlite_schema\",\"pk\":1,\"fields\":{\"type\":\"table\",\"name\":\"t\",\"tbl_name\":\"t\","
                    + "\"sql\":\"CREATE TABLE t (id INTEGER PRIMARY KEY, word)\"}},\n";
    static final String DUMP_ROWS = """
            {"model":"sqlite.t","pk":1,"fields":{"word":"one"}},
            {"model":"sqlite.t","pk":2,"fields":{"word":{"blob":"iVBORw0K"}}}
            ]
            """;
    static final byte[] DUMP = utf8(DUMP_PRAGMAS + DUMP_SCHEMA + DUMP_ROWS);

    private Valid() {}

    /** As PocketBase itself writes it: without a manifest. */
    static RawZip pocketBase() {
        return new RawZip()
                .with(Entry.deflate("data.db", DATABASE))
                .with(Entry.deflate("auxiliary.db", DATABASE))
                .with(Entry.deflate("storage/a/b.txt", utf8(TEXT)));
    }

    static RawZip dispatcharr() {
        return dispatcharr(METADATA);
    }

    static RawZip dispatcharr(String metadata) {
        return new RawZip()
                .with(Entry.deflate("database.sqlite3", DATABASE))
                .with(Entry.deflate("metadata.json", utf8(metadata)));
    }

    /** Not ended yet, so that more can follow. */
    static RawTar dispatcharrTar() {
        return dispatcharrTar(DUMP);
    }

    static RawTar dispatcharrTar(byte[] dump) {
        return new RawTar()
                .file("database.json", dump)
                .file("manifest.json", utf8(MANIFEST))
                .file("data/logos/a.png", Bytes.random(700, 1));
    }

    private static byte[] database() {
        try {
            Path file = Files.createTempFile("valid", ".db");
            try {
                try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                        Statement statement = connection.createStatement()) {
                    statement.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT, data BLOB)");
                    statement.execute("CREATE INDEX by_word ON t (word)");
                    statement.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
                            + " INSERT INTO t SELECT i, 'word ' || i, zeroblob(i) FROM n");
                }
                return Files.readAllBytes(file);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
