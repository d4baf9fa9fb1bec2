package dev.holdfast.files.archive.hostile;

import static dev.holdfast.domain.backup.Layout.DISPATCHARR_TAR_GZ;
import static dev.holdfast.domain.backup.Layout.DISPATCHARR_ZIP;
import static dev.holdfast.domain.backup.Layout.POCKETBASE_ZIP;
import static dev.holdfast.files.archive.hostile.Bytes.utf8;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.DAMAGED;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.TOO_LARGE;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.UNFIT;
import static dev.holdfast.files.archive.hostile.HostileCase.Came.UNPACKED;

import dev.holdfast.files.archive.hostile.HostileCase.Came;
import dev.holdfast.files.archive.hostile.RawZip.Entry;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Whole archives whose documents lie: metadata, dumps, manifests. */
final class DocumentCases {
    private static final Set<Came> BROKEN = EnumSet.of(DAMAGED, UNFIT);
    private static final Set<Came> ONLY_UNFIT = EnumSet.of(UNFIT);
    private static final Set<Came> ONLY_DAMAGED = EnumSet.of(DAMAGED);
    private static final Set<Came> REFUSED = EnumSet.of(DAMAGED, UNFIT, TOO_LARGE);
    private static final String MANIFEST = "holdfast-manifest.json";

    private final List<HostileCase> cases = new ArrayList<>();

    private DocumentCases() {}

    static List<HostileCase> all() {
        DocumentCases documents = new DocumentCases();
        documents.metadata();
        documents.dumps();
        documents.manifests();
        return documents.cases;
    }

    private void metadata(String title, Set<Came> expected, String text) {
        cases.add(HostileCase.of("metadata: " + title, DISPATCHARR_ZIP, expected, Valid.dispatcharr(text)));
    }

    private void metadata() {
        RawZip missing = Valid.dispatcharr();
        missing.entries.removeLast();
        cases.add(HostileCase.of("metadata: none", DISPATCHARR_ZIP, BROKEN, missing));
        RawZip twice = Valid.dispatcharr().with(Entry.deflate("metadata.json", utf8(Valid.METADATA)));
        cases.add(HostileCase.of("metadata: two", DISPATCHARR_ZIP, ONLY_UNFIT, twice));
        metadata("empty", BROKEN, "");
        metadata("no JSON", BROKEN, "not JSON");
        metadata("a list", BROKEN, "[]");
        metadata("null", BROKEN, "null");
        metadata("cut short", BROKEN, Valid.METADATA.substring(0, 60));
        metadata("more behind it", BROKEN, Valid.METADATA + Valid.METADATA);
        metadata("100,000 levels deep", BROKEN, "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
        metadata("100,000 levels deep, not closed", BROKEN, "[".repeat(100_000));
        metadata("a text of 8 MiB", REFUSED, database("x".repeat(8 << 20)));
        metadata("a number of a million digits", BROKEN, "{\"version\":" + "9".repeat(1_000_000) + "}");
        metadata("a million fields", REFUSED, manyFields());
        metadata("PostgreSQL", ONLY_UNFIT, Valid.METADATA.replace("\"sqlite\"", "\"postgresql\""));
        metadata("no type", ONLY_UNFIT, Valid.METADATA.replace("\"database_type\":\"sqlite\",", ""));
        metadata("a type that is a number", ONLY_UNFIT, Valid.METADATA.replace("\"sqlite\"", "7"));
        metadata("a type of another system", ONLY_UNFIT, Valid.METADATA.replace("\"sqlite\"", "\"mysql\""));
        metadata("a database that is not there", BROKEN, database("missing.sqlite3"));
        metadata("a database above", BROKEN, database("../" + ArchiveProbe.ESCAPE));
        metadata("a database of the system", BROKEN, database("/etc/passwd"));
        metadata("a database that is the metadata", BROKEN, database("metadata.json"));
        metadata("a database without a name", BROKEN, database(""));
        metadata("a database of two dots", BROKEN, database(".."));
        metadata("a database whose name is a number", BROKEN, Valid.METADATA.replace("\"database.sqlite3\"", "1"));
        metadata("a database with a zero byte in its name", BROKEN, database("database.sqlite3\\u0000"));
        metadata(
                "a database named twice",
                BROKEN,
                Valid.METADATA.replace("\"database_file\"", "\"database_file\":\"../x\",\"database_file\""));
        RawZip broken = new RawZip()
                .with(Entry.deflate("database.sqlite3", Valid.DATABASE))
                .with(Entry.deflate("metadata.json", Bytes.join(new byte[] {0, 0, 0, '{'}, utf8(Valid.METADATA))));
        cases.add(HostileCase.of("metadata: in a broken UTF-32", DISPATCHARR_ZIP, BROKEN, broken));
        RawZip beyond = Valid.dispatcharr();
        beyond.entry("metadata.json").offset = OptionalLong.of(65535);
        cases.add(HostileCase.of("metadata: beyond the file", DISPATCHARR_ZIP, BROKEN, beyond));
        RawZip nothing = new RawZip().with(Entry.deflate("metadata.json", utf8(Valid.METADATA)));
        cases.add(HostileCase.of("metadata: without a database", DISPATCHARR_ZIP, BROKEN, nothing));
        RawZip up = Valid.dispatcharr().with(Entry.deflate("../" + ArchiveProbe.ESCAPE, utf8("x")));
        cases.add(HostileCase.of("metadata: beside it a name that goes up", DISPATCHARR_ZIP, ONLY_UNFIT, up));
    }

    private static String database(String name) {
        return Valid.METADATA.replace("\"database.sqlite3\"", "\"" + name + "\"");
    }

    private static String manyFields() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < 1_000_000; i++) {
            text.append("\"f").append(i).append("\":0,");
        }
        return text.append(Valid.METADATA.substring(1)).toString();
    }

    private void dump(String title, Set<Came> expected, String text) {
        cases.add(HostileCase.of(
                "dump: " + title,
                DISPATCHARR_TAR_GZ,
                expected,
                Valid.dispatcharrTar(utf8(text)).end().gzip()));
    }

    private void schema(String title, String type, String name, String sql) {
        dump(title, ONLY_UNFIT, Valid.DUMP_PRAGMAS + schemaRow(type, name, sql) + "\n]\n");
    }

    private static String schemaRow(String type, String name, String sql) {
        return "{\"model\":\"sqlite.sqlite_schema\",\"pk\":1,\"fields\":{\"type\":\"" + type + "\",\"name\":\"" + name
                + "\",\"tbl_name\":\"" + name + "\",\"sql\":\"" + sql + "\"}}";
    }

    private void rows(String title, String rows) {
        dump(title, ONLY_UNFIT, Valid.DUMP_PRAGMAS + Valid.DUMP_SCHEMA + rows + "\n]\n");
    }

    private void dumps() {
        dump("empty", BROKEN, "");
        dump("no JSON", BROKEN, "CREATE TABLE t (a);");
        dump("an object", BROKEN, "{}");
        dump("null", BROKEN, "null");
        dump("cut short", BROKEN, new String(Valid.DUMP, java.nio.charset.StandardCharsets.UTF_8).substring(0, 600));
        dump("a million levels deep", BROKEN, "[".repeat(1_000_000));
        dump(
                "of Django's own, which says no schema",
                BROKEN,
                "[{\"model\": \"auth.user\", \"pk\": 1, \"fields\": {\"username\": \"ada\"}}]");
        dump("a text of 40 MiB", BROKEN, "[\"" + "x".repeat(40 << 20) + "\"]");
        dump("a number of ten million digits", BROKEN, "[" + "9".repeat(10_000_000) + "]");
        dump("a field's name of 10 MiB", BROKEN, "[{\"" + "x".repeat(10 << 20) + "\":1}]");
        schema("a schema that attaches a file", "table", "t", "ATTACH '/tmp/" + ArchiveProbe.ESCAPE + "' AS x");
        schema("a schema that writes a file", "table", "t", "VACUUM INTO '/tmp/" + ArchiveProbe.ESCAPE + "'");
        schema("a schema that makes a table of a query", "table", "t", "CREATE TABLE t AS SELECT 1 AS a");
        schema(
                "a schema of two statements",
                "table",
                "t",
                "CREATE TABLE t (a); ATTACH '/tmp/" + ArchiveProbe.ESCAPE + "' AS x; CREATE TABLE x.t (a)");
        schema("a schema that loads an extension", "table", "t", "SELECT load_extension('/tmp/x')");
        schema("a schema that sets a pragma", "table", "t", "PRAGMA writable_schema=1");
        schema("a table in another database", "table", "t", "CREATE TABLE temp.t (a)");
        schema("a table under another name", "table", "t", "CREATE TABLE u (a)");
        schema("a table of SQLite's own", "table", "sqlite_master", "CREATE TABLE sqlite_master (a)");
        schema("a table that is an index", "index", "t", "CREATE TABLE t (a)");
        schema("an index on nothing", "index", "i", "CREATE INDEX i ON t (a)");
        dump(
                "a virtual table of a file",
                EnumSet.of(UNFIT, UNPACKED),
                Valid.DUMP_PRAGMAS + schemaRow("table", "t", "CREATE VIRTUAL TABLE t USING csv(filename='/etc/passwd')")
                        + "\n]\n");
        schema("a virtual table of an unknown module", "table", "t", "CREATE VIRTUAL TABLE t USING nothing(a)");
        schema(
                "a table with an expression of 100,000 levels",
                "table",
                "t",
                "CREATE TABLE t (a CHECK (" + "(".repeat(100_000) + "1" + ")".repeat(100_000) + "))");
        schema("a table of 100,000 columns", "table", "t", "CREATE TABLE t (a" + ",a".repeat(100_000) + ")");
        rows("a row of an unknown table", "{\"model\":\"sqlite.u\",\"pk\":1,\"fields\":{}}");
        rows("a row with an unknown column", "{\"model\":\"sqlite.t\",\"pk\":1,\"fields\":{\"x\":1}}");
        rows("a row without its column", "{\"model\":\"sqlite.t\",\"pk\":1,\"fields\":{}}");
        rows("a row with a column twice", "{\"model\":\"sqlite.t\",\"pk\":1,\"fields\":{\"word\":1,\"word\":2}}");
        rows("a row without a key", "{\"model\":\"sqlite.t\",\"fields\":{\"word\":1}}");
        rows("a row with a key of null", "{\"model\":\"sqlite.t\",\"pk\":null,\"fields\":{\"word\":1}}");
        rows("a row with a key of the wrong kind", "{\"model\":\"sqlite.t\",\"pk\":\"x\",\"fields\":{\"word\":1}}");
        rows("a row that is a number", "17");
        rows("a row in SQLite's schema", "{\"model\":\"sqlite.sqlite_master\",\"pk\":9,\"fields\":{\"sql\":\"x\"}}");
        rows(
                "the same key twice",
                "{\"model\":\"sqlite.t\",\"pk\":1,\"fields\":{\"word\":1}},\n{\"model\":\"sqlite.t\",\"pk\":1,\"fields\":{\"word\":1}}");
        rows("a blob that is no base64", "{\"model\":\"sqlite.t\",\"pk\":1,\"fields\":{\"word\":{\"blob\":\"***\"}}}");
        rows("a value of an unknown kind", "{\"model\":\"sqlite.t\",\"pk\":1,\"fields\":{\"word\":{\"x\":1}}}");
        rows(
                "an integer beyond 64 bits",
                "{\"model\":\"sqlite.t\",\"pk\":1,\"fields\":{\"word\":99999999999999999999}}");
        rows("a value that is a list", "{\"model\":\"sqlite.t\",\"pk\":1,\"fields\":{\"word\":[1]}}");
        rows("half a surrogate pair", "{\"model\":\"sqlite.t\",\"pk\":1,\"fields\":{\"word\":\"\\ud800\"}}");
        dump(
                "pragmas twice",
                BROKEN,
                Valid.DUMP_PRAGMAS + Valid.DUMP_PRAGMAS.substring(2) + Valid.DUMP_SCHEMA + Valid.DUMP_ROWS);
        dump(
                "a page size of seven",
                BROKEN,
                Valid.DUMP_PRAGMAS.replace("4096", "7") + Valid.DUMP_SCHEMA + Valid.DUMP_ROWS);
        dump(
                "a pragma that no dump has",
                BROKEN,
                Valid.DUMP_PRAGMAS.replace("user_version", "writable_schema") + Valid.DUMP_SCHEMA + Valid.DUMP_ROWS);
        dump(
                "an encoding with more behind it",
                BROKEN,
                Valid.DUMP_PRAGMAS.replace("UTF-8", "UTF-8'; ATTACH 'x' AS x; --")
                        + Valid.DUMP_SCHEMA
                        + Valid.DUMP_ROWS);
        dump("a dump behind a dump", BROKEN, new String(Valid.DUMP, java.nio.charset.StandardCharsets.UTF_8).repeat(2));
    }

    private void manifests() {
        manifest("a stale manifest", EnumSet.of(UNPACKED), manifest("data.db", 5, "0".repeat(64)), false);
        manifest("a stale manifest that is no JSON", EnumSet.of(UNPACKED), "[[[[", false);
        manifest(
                "a manifest with a wrong checksum",
                ONLY_DAMAGED,
                manifest("data.db", Valid.DATABASE.length, "0".repeat(64)),
                true);
        manifest("a manifest with a wrong size", ONLY_DAMAGED, manifest("data.db", 5, sha256(Valid.DATABASE)), true);
        manifest(
                "a manifest that names a missing member",
                BROKEN,
                whole().replace(
                                "],\"notes\"",
                                ",{\"name\":\"storage/x\",\"size\":1,\"sha256\":\"" + "0".repeat(64)
                                        + "\"}],\"notes\""),
                true);
        manifest(
                "a manifest that names a file above",
                BROKEN,
                whole().replace("storage/a/b.txt", "../" + ArchiveProbe.ESCAPE),
                true);
        manifest(
                "a manifest that leaves members out",
                BROKEN,
                manifest("data.db", Valid.DATABASE.length, sha256(Valid.DATABASE)),
                true);
        manifest("a manifest that is no JSON", BROKEN, "[[[[", true);
        manifest("an empty manifest", BROKEN, "", true);
        manifest("a manifest 100,000 levels deep", BROKEN, "{\"members\":" + "[".repeat(100_000), true);
        manifest("a manifest with a negative size", BROKEN, manifest("data.db", -1, sha256(Valid.DATABASE)), true);
        manifest("a manifest with a text of 8 MiB", BROKEN, manifest("x".repeat(8 << 20), 1, "0".repeat(64)), true);
        manifest("a manifest of a later version", BROKEN, whole().replace("\"version\":1", "\"version\":99"), true);
        RawZip forged = withManifest(whole());
        forged.comment = utf8("holdfast-manifest sha256:" + "0".repeat(64));
        cases.add(HostileCase.of("a comment of another manifest", POCKETBASE_ZIP, ONLY_DAMAGED, forged));
        RawZip gone = Valid.pocketBase();
        gone.comment = utf8("holdfast-manifest sha256:" + sha256(utf8(whole())));
        cases.add(HostileCase.of("a comment of a manifest that is gone", POCKETBASE_ZIP, ONLY_DAMAGED, gone));
        RawZip own = withManifest(whole());
        own.comment = utf8("holdfast-manifest sha256:" + sha256(utf8(whole())));
        cases.add(HostileCase.of("a manifest that is right", POCKETBASE_ZIP, EnumSet.of(UNPACKED), own));
        cases.add(HostileCase.of(
                "a manifest in a tar that is no JSON",
                DISPATCHARR_TAR_GZ,
                BROKEN,
                Valid.dispatcharrTar().file(MANIFEST, utf8("[[[[")).end().gzip()));
        cases.add(HostileCase.of(
                "a manifest in a tar with wrong checksums",
                DISPATCHARR_TAR_GZ,
                BROKEN,
                Valid.dispatcharrTar().file(MANIFEST, utf8(whole())).end().gzip()));
    }

    private void manifest(String title, Set<Came> expected, String text, boolean commented) {
        RawZip zip = withManifest(text);
        if (commented) {
            zip.comment = utf8("holdfast-manifest sha256:" + sha256(utf8(text)));
        }
        cases.add(HostileCase.of(title, POCKETBASE_ZIP, expected, zip));
    }

    static RawZip withManifest(String text) {
        return Valid.pocketBase().with(Entry.deflate(MANIFEST, utf8(text)));
    }

    private static String manifest(String name, long size, String sha256) {
        return "{\"format\":\"holdfast-archive\",\"version\":1,\"created_at\":\"2026-11-21T08:00:00Z\",\"members\":["
                + "{\"name\":\"" + name + "\",\"size\":" + size + ",\"sha256\":\"" + sha256 + "\"}"
                + "],\"notes\":[],\"notes_in_all\":0}";
    }

    /** Names all members of the valid PocketBase archive, and rightly. */
    static String whole() {
        StringBuilder members = new StringBuilder();
        for (String[] member : new String[][] {{"data.db", "D"}, {"auxiliary.db", "D"}, {"storage/a/b.txt", "T"}}) {
            byte[] content = member[1].equals("D") ? Valid.DATABASE : utf8(Valid.TEXT);
            members.append(members.isEmpty() ? "" : ",")
                    .append("{\"name\":\"" + member[0] + "\",\"size\":" + content.length + ",\"sha256\":\""
                            + sha256(content) + "\"}");
        }
        return "{\"format\":\"holdfast-archive\",\"version\":1,\"created_at\":\"2026-11-21T08:00:00Z\",\"members\":["
                + members + "],\"notes\":[],\"notes_in_all\":0}";
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
