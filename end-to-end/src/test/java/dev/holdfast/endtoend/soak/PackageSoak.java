package dev.holdfast.endtoend.soak;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.soak.Scenario.Reply;
import dev.holdfast.endtoend.soak.Soak.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Real SQLite files, such as those in a distribution's packages, backed up from their place and restored over another
 * database in both journal modes. SQLite's shell compares what it shows of the file and of the restored database.
 */
final class PackageSoak implements AutoCloseable {
    /** In the database header (sqlite.org/fileformat2, "The Database Header"). */
    private static final int ENCODING_OFFSET = 56;

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(ISO_8859_1);
    private static final List<String> SIDECARS = List.of("-wal", "-journal");

    /** The longest that one answer may take, also for a file of some GiB. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Path root;
    private final ServerProcess server;
    private final Client client;
    private final Soak.Settings settings;
    private final Set<String> failures = new LinkedHashSet<>();
    private final List<String> refusals = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    /** The registered databases, one for each journal mode of the database that a restore replaces. */
    private enum Target {
        WAL,
        DELETE;

        Path folder(Path root) {
            return root.resolve(name().toLowerCase(Locale.ROOT));
        }

        Path file(Path root) {
            return folder(root).resolve("app.db");
        }

        String query() {
            return "?database=" + name().toLowerCase(Locale.ROOT);
        }
    }

    /** The result for one file and one journal mode. */
    private sealed interface Outcome {
        record Equal() implements Outcome {}

        /** @param reason the server's, for a file that SQLite's shell does not find whole either */
        record Refused(String reason) implements Outcome {}

        record Failed(String reason) implements Outcome {}
    }

    private PackageSoak(Path root, ServerProcess server, Soak.Settings settings) {
        this.root = root;
        this.server = server;
        this.settings = settings;
        this.client = new Client(server.address(), PATIENCE);
    }

    static Verdict run(Soak.Settings settings) throws Exception {
        List<Path> files = find(settings.trees());
        if (files.isEmpty()) {
            settings.out().println("0 files, 0 failures: no file below the folders begins with SQLite's header");
            return new Verdict(0, 0);
        }
        Path root = Installation.createRoot();
        try {
            Path config = Files.writeString(root.resolve("holdfast.yml"), """
                    holdfast:
                      databases:
                        wal: {file: "%1$s/wal/app.db", plan: {verify-depth: full}}
                        delete: {file: "%1$s/delete/app.db", plan: {verify-depth: full}}
                    """.formatted(root));
            ServerProcess server = ServerProcess.start(
                    ServerProcess.Options.in(root.resolve("data")).with("--config", config.toString()));
            try (var soak = new PackageSoak(root, server, settings)) {
                return soak.play(files);
            }
        } finally {
            Installation.delete(root);
        }
    }

    /** Returns the regular files with SQLite's header, in the order of their paths. */
    private static List<Path> find(List<Path> trees) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path tree : trees) {
            try (Stream<Path> found = Files.walk(tree)) {
                for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
                    if (!Files.isSymbolicLink(file) && isSqlite(file)) {
                        files.add(file);
                    }
                }
            }
        }
        return files;
    }

    /** By its header, so that no sidecar appears next to the file. */
    private static String encoding(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(ENCODING_OFFSET);
            return switch (ByteBuffer.wrap(in.readNBytes(Integer.BYTES)).getInt()) {
                case 2 -> "UTF-16le";
                case 3 -> "UTF-16be";
                default -> "UTF-8";
            };
        }
    }

    private static boolean isSqlite(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        }
    }

    private Verdict play(List<Path> files) throws Exception {
        long until = System.nanoTime() + settings.duration().toNanos();
        List<Path> chosen =
                files.stream().filter(it -> settings.isChosen(it.toString())).toList();
        int played = 0;
        Set<Path> failed = new LinkedHashSet<>();
        for (Path file : chosen) {
            if (System.nanoTime() >= until) {
                break;
            }
            for (Target target : Target.values()) {
                // Each file once over a database that a program has open, and once over one that none has open.
                boolean held = (played % 2 == 0) == (target == Target.WAL);
                String title = file + " over " + target + (held ? ", held" : "");
                switch (play(file, target, held)) {
                    case Outcome.Equal() -> {}
                    case Outcome.Refused(String reason) -> refusals.add(title + ": " + reason);
                    case Outcome.Failed(String reason) -> {
                        failed.add(file);
                        failures.add(title + ": " + reason);
                    }
                }
            }
            played++;
        }
        remarks.forEach(it -> settings.out().println("  " + it));
        refusals.forEach(it -> settings.out().println("refused: " + it));
        failures.forEach(it -> settings.out().println("failure: " + it));
        if (played < chosen.size()) {
            settings.out().println((chosen.size() - played) + " files were not reached in time");
        }
        settings.out().println(played + " files, " + failed.size() + " failures, " + refusals.size() + " refusals");
        return new Verdict(2 * played, failures.size());
    }

    private Outcome play(Path file, Target target, boolean held) throws Exception {
        Path live = target.file(root);
        clear(target);
        copy(file, live);
        Path copy = Files.createDirectories(root.resolve("original")).resolve("app.db");
        copy(file, copy);
        Reply backup = Reply.of(client.post("/api/v1/backup" + target.query()));
        SqliteView original = SqliteView.of(copy, root.resolve("original.sql"));
        if (!backup.succeeded()) {
            return original.isWhole()
                    ? new Outcome.Failed("SQLite reads it, but its backup is refused: " + backup)
                    : new Outcome.Refused(backup.toString());
        }
        if (Files.mismatch(file, live) >= 0 && !Files.exists(sidecar(file, "-wal"))) {
            return new Outcome.Failed("the backup changed the source");
        }
        JsonNode verification = client.get("/api/v1/backup/" + backup.text("filename") + target.query())
                .json()
                .path("verification");
        if (!verification.path("state").asText().equals("passed")
                || !verification.path("depth").asText().equals("full")) {
            return original.isWhole()
                    ? new Outcome.Failed("the backup's verification is " + verification)
                    : new Outcome.Refused("the backup's verification is " + verification);
        }
        if (verification.path("finding").isTextual() && target == Target.WAL) {
            remarks.add(file + ": " + verification.path("finding").asText());
        }
        return restore(file, target, held, backup.text("filename"), original);
    }

    private Outcome restore(Path file, Target target, boolean held, String backup, SqliteView original)
            throws Exception {
        Path live = target.file(root);
        clear(target);
        if (!held) {
            // With the file's page size, a restore writes the pages as they are in WAL mode too.
            Sqlite.run(live.toString(), "PRAGMA page_size=" + original.pageSize() + "; CREATE TABLE first (x)");
        } else {
            // A connection keeps the text encoding that it began with, and then reads no other.
            Sqlite.run(live.toString(), "PRAGMA encoding='" + encoding(file) + "'; CREATE TABLE first (x)");
        }
        Content.createDatabase(live, target.name(), "other");
        Optional<Sqlite> application = held ? Optional.of(Sqlite.open(live)) : Optional.empty();
        try {
            Reply reply = Reply.of(client.post("/api/v1/backup/" + backup + "/restore" + target.query()));
            if (!reply.succeeded()) {
                return new Outcome.Failed("the restore: " + reply);
            }
            SqliteView restored = application.isPresent()
                    ? SqliteView.of(application.get(), root.resolve("restored.sql"))
                    : SqliteView.of(live, root.resolve("restored.sql"));
            if (!original.isComplete() && target == Target.WAL) {
                remarks.add(file + ": compared by page images, as the shell cannot dump it: " + original.errors());
            }
            client.delete("/api/v1/backup/" + reply.text("safety_backup") + target.query());
            client.delete("/api/v1/backup/" + backup + target.query());
            if (!restored.journalMode().equalsIgnoreCase(target.name())) {
                return new Outcome.Failed("the journal mode is now " + restored.journalMode());
            }
            Optional<String> difference = original.difference(restored);
            return difference.isEmpty() ? new Outcome.Equal() : new Outcome.Failed(difference.get());
        } finally {
            application.ifPresent(Sqlite::close);
        }
    }

    private static Path sidecar(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private static void copy(Path file, Path to) throws IOException {
        Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
        for (String suffix : SIDECARS) {
            Files.deleteIfExists(sidecar(to, suffix));
            if (Files.isRegularFile(sidecar(file, suffix))) {
                Files.copy(sidecar(file, suffix), sidecar(to, suffix));
            }
        }
    }

    private void clear(Target target) throws IOException {
        if (Files.exists(target.folder(root))) {
            Installation.delete(target.folder(root));
        }
        Files.createDirectories(target.folder(root));
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
