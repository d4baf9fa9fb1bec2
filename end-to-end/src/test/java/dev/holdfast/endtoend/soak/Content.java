package dev.holdfast.endtoend.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The content that the kit writes and finds again: each row of a database and each file of a directory carries the same
 * label, so a mixture of two moments has two of them.
 */
final class Content {
    private static final int ROWS = 24;
    private static final String QUERY = "SELECT coalesce(group_concat(DISTINCT v), 'nothing') || CASE count(*) WHEN "
            + ROWS + " THEN '' ELSE ' in ' || count(*) || ' rows' END FROM part; PRAGMA integrity_check";
    private static final List<String> FILES = List.of("one.txt", "below/two.txt");

    private Content() {}

    static void createDatabase(Path file, String journalMode, String label) throws Exception {
        Files.createDirectories(file.resolveSibling(""));
        addTo(file, journalMode, label);
    }

    /** In addition to what the database holds. */
    static void addTo(Path file, String journalMode, String label) throws IOException {
        String result = Sqlite.run(
                file.toString(),
                "PRAGMA journal_mode=" + journalMode
                        + "; CREATE TABLE part (id INTEGER PRIMARY KEY, v TEXT, body TEXT);"
                        + " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + ROWS + ")"
                        + " INSERT INTO part SELECT i, '" + label + "', hex(randomblob(1500)) FROM n;");
        if (!result.equalsIgnoreCase(journalMode)) {
            throw new IOException(file + ": " + result);
        }
    }

    static String update(String label) {
        return "UPDATE part SET v = '" + label + "', body = hex(randomblob(1500))";
    }

    /** @param database a path or a URI. @return the label; more than that if it is not whole */
    static String ofDatabase(String database) throws Exception {
        return strip(Sqlite.run(database, QUERY));
    }

    static String of(Sqlite application) throws IOException {
        return strip(application.run(QUERY));
    }

    private static String strip(String output) {
        return output.endsWith("\nok") ? output.substring(0, output.length() - 3) : output.replace('\n', ' ');
    }

    static void writeFiles(Path directory, String label) throws IOException {
        for (String name : FILES) {
            Path file = directory.resolve(name);
            Files.createDirectories(file.resolveSibling(""));
            Files.writeString(file, label);
        }
    }

    /** @return the label of all files; several if they differ */
    static String ofDirectory(Path directory) throws IOException {
        Set<String> labels = new LinkedHashSet<>();
        if (!Files.isDirectory(directory)) {
            return "nothing";
        }
        try (Stream<Path> found = Files.walk(directory)) {
            List<Path> files = found.filter(Files::isRegularFile).sorted().toList();
            for (Path file : files) {
                labels.add(new String(Files.readAllBytes(file), UTF_8));
            }
            return String.join(",", labels) + (files.size() == FILES.size() ? "" : " in " + files.size() + " files");
        }
    }
}
