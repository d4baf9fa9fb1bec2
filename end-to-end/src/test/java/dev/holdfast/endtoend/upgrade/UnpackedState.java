package dev.holdfast.endtoend.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A state that an earlier version has left, unpacked as if that version had worked in this directory: the recorded
 * paths and inodes are those of here. {@code README.md} next to the archives says more.
 *
 * @param known what the earlier version answered, and the credentials
 */
record UnpackedState(Path directory, JsonNode known) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param name of the archive, without its ending */
    static UnpackedState of(String name, Path directory) throws Exception {
        Path real = directory.toRealPath();
        unpack("/states/" + name + ".tar.gz", real);
        Path known = real.resolve("known.json");
        String before = JSON.readTree(known.toFile()).path("root").asText();
        try (Stream<Path> found = Files.walk(real)) {
            for (Path file : found.filter(UnpackedState::isText).toList()) {
                Files.writeString(file, Files.readString(file).replace(before, real.toString()));
            }
        }
        var state = new UnpackedState(real, JSON.readTree(known.toFile()));
        state.replaceInCatalogue(before);
        state.renewInodes();
        return state;
    }

    private static void unpack(String resource, Path directory) throws Exception {
        Process tar = new ProcessBuilder("tar", "-xzp", "--no-same-owner", "-C", directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream archive = UnpackedState.class.getResourceAsStream(resource);
                OutputStream in = tar.getOutputStream()) {
            assertThat(archive).as(resource).isNotNull();
            archive.transferTo(in);
        }
        assertThat(tar.waitFor()).isZero();
    }

    /** The files in which a path can be, but for the catalogue. */
    private static boolean isText(Path file) {
        String name = file.getFileName().toString();
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && (name.endsWith(".json") || name.endsWith(".yml"));
    }

    private void replaceInCatalogue(String before) throws SQLException {
        try (Connection catalogue = Bank.open(catalogue())) {
            catalogue.setAutoCommit(false);
            for (Column column : columns(catalogue)) {
                try (PreparedStatement update =
                        catalogue.prepareStatement("UPDATE %1$s SET %2$s = replace(%2$s, ?, ?) WHERE instr(%2$s, ?)"
                                .formatted(column.table(), column.name()))) {
                    update.setString(1, before);
                    update.setString(2, directory.toString());
                    update.setString(3, before);
                    update.executeUpdate();
                }
            }
            catalogue.commit();
        }
    }

    private record Column(String table, String name) {}

    private static List<Column> columns(Connection catalogue) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (Statement sql = catalogue.createStatement();
                ResultSet rows = sql.executeQuery("""
                        SELECT tables.name, '"' || columns.name || '"'
                        FROM sqlite_schema tables JOIN pragma_table_info(tables.name) columns
                        WHERE tables.type = 'table' AND columns.type = 'TEXT'
                        """)) {
            while (rows.next()) {
                columns.add(new Column(rows.getString(1), rows.getString(2)));
            }
        }
        assertThat(columns).isNotEmpty();
        return columns;
    }

    /** An archive keeps no inodes. Which directory is which is known by its name. */
    private void renewInodes() throws IOException {
        try (Stream<Path> found = Files.walk(directory)) {
            for (Path plan : found.filter(it -> it.endsWith("plan.json")).toList()) {
                JsonNode journal = JSON.readTree(plan.toFile());
                for (JsonNode swap : journal.path("directories")) {
                    ((ObjectNode) swap)
                            .put("oldInode", inode(swap.path("aside").asText()))
                            .put("freshInode", inode(swap.path("target").asText()));
                }
                JSON.writeValue(plan.toFile(), journal);
            }
        }
    }

    private static long inode(String path) throws IOException {
        return (Long) Files.getAttribute(Path.of(path), "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    Path catalogue() {
        return dataDir().resolve("holdfast.db");
    }

    Path dataDir() {
        return directory.resolve("server");
    }

    Options options() {
        return Options.in(dataDir())
                .with("--config", directory.resolve("holdfast.yml").toString());
    }

    String text(String member) {
        return known.path(member).asText();
    }

    /** Each text that the catalogue holds. */
    List<String> storedTexts() throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection catalogue = Bank.open(catalogue())) {
            for (Column column : columns(catalogue)) {
                try (Statement sql = catalogue.createStatement();
                        ResultSet rows = sql.executeQuery("SELECT DISTINCT " + column.name() + " FROM " + column.table()
                                + " WHERE " + column.name() + " IS NOT NULL")) {
                    while (rows.next()) {
                        texts.add(rows.getString(1));
                    }
                }
            }
        }
        return texts;
    }

    /** What a database says of when it was written. */
    String word(String database) throws SQLException {
        try (Connection connection = Bank.open(directory.resolve(database))) {
            return Bank.text(connection, "SELECT word FROM state");
        }
    }

    void write(String database, String word) throws SQLException {
        try (Connection connection = Bank.open(directory.resolve(database));
                PreparedStatement update = connection.prepareStatement("UPDATE state SET word = ?")) {
            update.setString(1, word);
            assertThat(update.executeUpdate()).isEqualTo(1);
        }
    }
}
