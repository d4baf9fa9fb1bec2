package dev.holdfast.endtoend.soak;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A server with accounts and three databases. The user of {@code app} and {@code pb} exchanges their paths. {@code blog}
 * belongs to another user. The database of {@code app} holds, in addition, a catalogue in which mallory is an admin.
 */
final class SwapSite implements AutoCloseable {
    static final String MAIN = "data.db";
    static final String EXTRA = "auxiliary.db";
    static final String DIRECTORY = "storage";

    private static final int LINES_OF_ERROR = 5;
    private static final int SHOWN_BYTES = 64;
    private static final String MANIFEST = "holdfast-manifest.json";
    private static final String PASSWORD = "correct horse battery";
    private static final Duration ANSWER_BOUND = Duration.ofSeconds(60);
    /** What a server keeps about itself. No operation on a database changes it. */
    private static final String OF_THE_SERVER = "SELECT * FROM users; SELECT * FROM tokens; SELECT * FROM locations;"
            + " SELECT * FROM plans; PRAGMA integrity_check";

    private final Path root;
    private final Thread atExit = new Thread(this::end);
    private final ServerProcess server;
    private final Client client;
    private final Sqlite blogsProgram;
    private final String hash;
    private final String servers;
    private final Set<String> serversNames;
    private final Map<String, byte[]> secrets;
    private final Map<String, Set<String>> looked = new LinkedHashMap<>();
    private Map<String, byte[]> blogs;
    private String token;
    private int label;

    SwapSite() throws Exception {
        root = Installation.createRoot();
        Runtime.getRuntime().addShutdownHook(atExit);
        createApp();
        createPocketBase("pb", "DELETE");
        createPocketBase("blog", "WAL");
        Path config = Files.writeString(root.resolve("holdfast.yml"), """
                holdfast:
                  busy-timeout: 300ms
                  auth: {enabled: true}
                  databases:
                    app: {file: "%1$s/srv/app/data.db"}
                    pb: {file: "%1$s/srv/pb/data.db", extra-files: ["%1$s/srv/pb/auxiliary.db"], directories: ["%1$s/srv/pb/storage"], profile: pocketbase}
                    blog: {file: "%1$s/srv/blog/data.db", extra-files: ["%1$s/srv/blog/auxiliary.db"], directories: ["%1$s/srv/blog/storage"], profile: pocketbase}
                """.formatted(root));
        server = ServerProcess.start(options(data(), "anna").with("--config", config.toString()));
        Command.run(data(), "", "token", "create", "--name", "nightly", "--role", "operator");
        client = new Client(server.address(), ANSWER_BOUND);
        blogsProgram = Sqlite.open(folder("blog").resolve(MAIN));
        token = signIn("anna").text("access_token");
        hash = Sqlite.run(readOnly(catalogue()), "SELECT password_hash FROM users WHERE name = 'anna'");
        for (String name : List.of("app", "pb", "blog")) {
            looked.put(name, new TreeSet<>());
            backUp(name);
        }
        servers = Sqlite.run(readOnly(catalogue()), OF_THE_SERVER);
        secrets = contents(data(), Set.of("jwt-secret", "server-id"));
        serversNames = names(data());
        blogs = blogsFiles();
    }

    private static Options options(Path data, String admin) {
        return Options.in(data).env("HOLDFAST_ADMIN_USERNAME", admin).env("HOLDFAST_ADMIN_PASSWORD", PASSWORD);
    }

    private void createApp() throws Exception {
        Path other = root.resolve("mallory");
        Path sample = root.resolve("sample.db");
        Content.createDatabase(sample, "DELETE", "sample");
        try (ServerProcess mallorys = ServerProcess.start(
                options(other, "mallory").config(root.resolve("mallory.yml"), """
                        holdfast:
                          auth: {enabled: true}
                          databases: {sample: {file: "%s"}}
                        """.formatted(sample)))) {
            mallorys.stop();
        }
        Path file = Files.createDirectories(folder("app")).resolve(MAIN);
        Sqlite.run(other.resolve("holdfast.db").toString(), "PRAGMA journal_mode=DELETE");
        Files.copy(other.resolve("holdfast.db"), file);
        Content.addTo(file, "WAL", "app-0");
    }

    private void createPocketBase(String name, String journalMode) throws Exception {
        for (String file : List.of(MAIN, EXTRA)) {
            Content.createDatabase(folder(name).resolve(file), journalMode, name + "-0");
        }
        Content.writeFiles(folder(name).resolve(DIRECTORY), name + "-0");
    }

    Path root() {
        return root;
    }

    Path folder(String database) {
        return root.resolve("srv").resolve(database);
    }

    Path data() {
        return root.resolve("data");
    }

    Path catalogue() {
        return data().resolve("holdfast.db");
    }

    Answer send(String method, String path) throws Exception {
        return client.send(method, "/api/v1/" + path, "", "Authorization", "Bearer " + token);
    }

    private Answer signIn(String name) throws Exception {
        return client.send(
                "POST",
                "/api/v1/auth/login",
                "{\"username\": \"" + name + "\", \"password\": \"" + PASSWORD + "\"}",
                "Content-Type",
                "application/json");
    }

    private void backUp(String database) throws Exception {
        Answer answer = send("POST", "backup?database=" + database);
        if (answer.status() != 200) {
            throw new IOException(database + ": " + answer.text());
        }
    }

    /** What the server logged last at ERROR, in a line without what differs from one time to the next. */
    String lastError() {
        List<String> lines = server.log().lines().toList();
        int at = lines.size() - 1;
        while (at > 0 && !lines.get(at).contains(" ERROR ")) {
            at--;
        }
        return String.join(" ", lines.subList(at, Math.min(lines.size(), at + LINES_OF_ERROR)))
                .replaceAll("\\S*/hf-soak\\d+/", "")
                .replaceAll("\\S*T\\S*Z |[-0-9a-f]{8,}", "");
    }

    List<String> backups(String database) throws Exception {
        List<String> names = new ArrayList<>();
        send("GET", "backup?page_size=200&database=" + database)
                .json()
                .path("backups")
                .forEach(it -> names.add(it.path("filename").asText()));
        return names;
    }

    /** Writes something new to each database, as its program. No operation runs and each path is as it was. */
    void write() throws Exception {
        label++;
        removeReplaced();
        for (String name : List.of("app", "pb")) {
            for (Path file : databases(name)) {
                requireQuiet(Sqlite.run(file.toString(), Content.update(name + "-" + label)));
            }
        }
        Content.writeFiles(folder("pb").resolve(DIRECTORY), "pb-" + label);
        requireQuiet(blogsProgram.run(Content.update("blog-" + label)));
        requireQuiet(Sqlite.run(folder("blog").resolve(EXTRA).toString(), Content.update("blog-" + label)));
        blogs = blogsFiles();
    }

    /** What restores have kept of directories that were there by an exchange, with second names of files of others. */
    private void removeReplaced() throws IOException {
        try (Stream<Path> files = Files.list(folder("pb"))) {
            files.filter(it -> it.getFileName().toString().startsWith(".holdfast-replaced-"))
                    .forEach(Installation::delete);
        }
    }

    private static void requireQuiet(String output) throws IOException {
        if (!output.isEmpty()) {
            throw new IOException("a program cannot write its database: " + output);
        }
    }

    private List<Path> databases(String name) {
        Path folder = folder(name);
        return name.equals("app")
                ? List.of(folder.resolve(MAIN))
                : List.of(folder.resolve(MAIN), folder.resolve(EXTRA));
    }

    /** What is wrong now that no operation runs and each path is as it was, one text for each kind of fault. */
    List<String> findings() throws Exception {
        List<String> found = new ArrayList<>();
        if (!Sqlite.run(readOnly(catalogue()), OF_THE_SERVER).equals(servers)) {
            found.add("accounts, tokens, places or plans of the server have changed");
        }
        if (!Arrays.equals(flat(secrets), flat(contents(data(), secrets.keySet())))) {
            found.add("a secret of the server has changed");
        }
        if (!names(data()).equals(serversNames)) {
            found.add("the server's folder has other files: " + names(data()));
        }
        Map<String, byte[]> now = blogsFiles();
        String changed = changes(blogs, now);
        if (!changed.isEmpty()) {
            found.add("files of the other database have changed: " + changed);
        }
        String blog = Content.of(blogsProgram);
        if (!blog.equals("blog-" + label)) {
            found.add("the program of the other database reads " + blog + " in place of blog-" + label);
        }
        Answer mallory = signIn("mallory");
        if (mallory.status() != 401 && mallory.status() != 429) {
            found.add("mallory's sign-in is answered with " + mallory.status());
        }
        Answer anna = signIn("anna");
        if (anna.status() == 200) {
            token = anna.text("access_token");
        } else {
            found.add("the admin's sign-in is answered with " + anna.status());
        }
        for (String name : List.of("app", "pb")) {
            for (Path file : databases(name)) {
                requireOwn(found, name, file.toString(), "the database " + name);
            }
        }
        for (String name : looked.keySet()) {
            lookAtBackups(name, found);
        }
        return found;
    }

    private static void requireOwn(List<String> found, String name, String database, String what) throws Exception {
        String content = Content.ofDatabase(database);
        if (!content.matches(name + "-\\d+")) {
            found.add(what + " holds " + content);
        }
    }

    /** Each new backup, byte by byte and with SQLite's shell. Most of the old ones are deleted. */
    private void lookAtBackups(String name, List<String> found) throws Exception {
        Path folder = data().resolve("backups").resolve(name);
        Set<String> seen = looked.getOrDefault(name, Set.of());
        Path copies = root.resolve("copies");
        List<String> listed = backups(name);
        for (String backup : listed) {
            if (!seen.add(backup)) {
                continue;
            }
            Installation.delete(Files.createDirectories(copies));
            for (Path part : unpack(folder.resolve(backup), Files.createDirectories(copies))) {
                String bytes = Files.readString(part, ISO_8859_1);
                for (String marker : markers(name)) {
                    if (bytes.contains(marker)) {
                        found.add("a backup of " + name + " holds content of others: " + marker);
                    }
                }
                if (bytes.startsWith("SQLite format 3")) {
                    requireOwn(found, name, part.toString(), "a backup of " + name);
                } else if (!part.endsWith(MANIFEST) && !bytes.matches(name + "-\\d+")) {
                    found.add("a file in a backup of " + name + " is not its own: " + part);
                }
            }
        }
        for (String old : listed.subList(Math.min(listed.size(), 10), listed.size())) {
            send("DELETE", "backup/" + old + "?database=" + name);
        }
    }

    /** What is in the catalogue or in another database only. */
    private List<String> markers(String name) {
        return Stream.concat(Stream.of(hash), Stream.of("app-", "pb-", "blog-").filter(it -> !it.equals(name + "-")))
                .toList();
    }

    private static List<Path> unpack(Path backup, Path to) throws IOException {
        if (!backup.toString().endsWith(".zip")) {
            return List.of(Files.copy(backup, to.resolve(MAIN)));
        }
        List<Path> parts = new ArrayList<>();
        try (var zip = new ZipFile(backup.toFile())) {
            for (ZipEntry entry : zip.stream().filter(it -> !it.isDirectory()).toList()) {
                Path part = to.resolve(entry.getName());
                Files.createDirectories(part.resolveSibling(""));
                try (InputStream in = zip.getInputStream(entry)) {
                    Files.copy(in, part);
                }
                parts.add(part);
            }
        }
        return parts;
    }

    private static String readOnly(Path file) {
        return "file:" + file + "?mode=ro";
    }

    /** A reader sets marks in a wal-index; nothing else may change. */
    private Map<String, byte[]> blogsFiles() throws IOException {
        Map<String, byte[]> files = contents(folder("blog"), names(folder("blog")));
        files.replaceAll((name, bytes) -> name.endsWith("-shm") ? new byte[0] : bytes);
        return files;
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(it -> it.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Map<String, byte[]> contents(Path folder, Set<String> names) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        for (String name : names) {
            Path file = folder.resolve(name);
            contents.put(
                    name,
                    Files.isDirectory(file) ? Content.ofDirectory(file).getBytes(UTF_8) : Files.readAllBytes(file));
        }
        return contents;
    }

    private static String changes(Map<String, byte[]> before, Map<String, byte[]> now) {
        List<String> changes = new ArrayList<>();
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(now.keySet());
        for (String name : names) {
            if (!before.containsKey(name) || !now.containsKey(name)) {
                changes.add(name + (now.containsKey(name) ? " is new" : " is gone"));
                continue;
            }
            byte[] old = before.getOrDefault(name, new byte[0]);
            byte[] present = now.getOrDefault(name, new byte[0]);
            int at = Arrays.mismatch(old, present);
            if (at >= 0) {
                changes.add(name + " had " + old.length + " bytes, has " + present.length + ", other at " + at + ": "
                        + HexFormat.of().formatHex(present, at, Math.min(present.length, at + SHOWN_BYTES)));
            }
        }
        return String.join("; ", changes);
    }

    private static byte[] flat(Map<String, byte[]> contents) {
        return contents.values().stream()
                .map(Arrays::hashCode)
                .map(Object::toString)
                .collect(Collectors.joining(","))
                .getBytes(UTF_8);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException _) {
            return; // this process is ending, which does the same
        }
        client.close();
        server.close();
        blogsProgram.close();
        Installation.delete(root);
    }

    /** Also if the server is still starting. */
    private void end() {
        ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
        Installation.delete(root);
    }
}
