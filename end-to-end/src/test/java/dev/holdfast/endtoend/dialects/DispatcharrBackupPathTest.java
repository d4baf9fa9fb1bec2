package dev.holdfast.endtoend.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** "Set the backup path" of Dispatcharr's page: where it may lead, and what stays of the folders before. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class DispatcharrBackupPathTest {
    private static final String SETTINGS = "/api/backups/settings/";

    private Path directory;
    private Path allowed;
    private String shop = "";
    private DispatcharrInstallation server;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary.toRealPath();
        allowed = Files.createDirectory(directory.resolve("allowed"));
        Files.createDirectories(allowed.resolve("shop"));
        Bank.create(directory.resolve("shop.db"), "WAL", 1);
        shop = "shop: {file: \"%1$s/shop.db\", backup-directory: \"%1$s/allowed/shop\"}".formatted(directory);
        server = DispatcharrInstallation.allowing(directory, shop, allowed, directory.resolve("data"));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Answer choose(String path) throws Exception {
        return choose((ObjectNode) server.call("GET", SETTINGS).json(), path);
    }

    private Answer choose(ObjectNode settings, String path) throws Exception {
        return server.call("PUT", SETTINGS, settings.put("path", path).toString());
    }

    private String chosen() throws Exception {
        return server.call("GET", SETTINGS).json().path("path").asText();
    }

    @Test
    void after_three_changes_and_a_lost_catalogue_all_archives_are_listed_and_one_of_each_folder_is_restored()
            throws Exception {
        Map<String, Path> folders = new LinkedHashMap<>();
        folders.put("", server.backups());
        folders.put("monthly", server.backups().resolve("monthly"));
        folders.put(allowed.resolve("disk/2").toString(), allowed.resolve("disk/2"));
        folders.put(
                server.backups().resolve("a b/c").toString(), server.backups().resolve("a b/c"));
        var archives = new LinkedHashMap<String, List<String>>();
        for (Map.Entry<String, Path> folder : folders.entrySet()) {
            if (!folder.getKey().isEmpty()) {
                Answer saved = choose(folder.getKey());
                assertThat(saved.status()).as(saved.text()).isEqualTo(200);
            }
            assertThat(chosen()).isEqualTo(folder.getValue().toString());
            try (Connection connection = Bank.open(server.database())) {
                Bank.transact(connection, "for " + folder.getValue());
            }
            String name = server.create();
            assertThat(folder.getValue().resolve(name)).exists();
            archives.put(name, Bank.notes(server.database()));
        }

        server.close();
        try (Stream<Path> catalogue = Files.list(directory.resolve("server"))) {
            for (Path file : catalogue
                    .filter(it -> it.getFileName().toString().startsWith("holdfast.db"))
                    .toList()) {
                Files.delete(file);
            }
        }
        server = DispatcharrInstallation.again(directory, shop, allowed, directory.resolve("data"));
        assertThat(chosen()).isEqualTo(server.backups().resolve("a b/c").toString());
        assertThat(server.call("GET", "/api/backups/").json().findValuesAsText("name"))
                .containsExactlyInAnyOrderElementsOf(archives.keySet());
        for (Map.Entry<String, List<String>> archive : archives.entrySet()) {
            JsonNode end = server.await(server.call("POST", "/api/backups/" + archive.getKey() + "/restore/"));
            assertThat(end.path("state").asText())
                    .as(end + server.process.log())
                    .isEqualTo("completed");
            assertThat(Bank.notes(server.database())).isEqualTo(archive.getValue());
        }
        assertThat(choose(server.backups().toString()).status()).isEqualTo(200);
    }

    @Test
    void a_hundred_hostile_paths_are_refused_and_nothing_is_made() throws Exception {
        Path main = server.backups();
        Path data = server.data;
        Path own = directory.resolve("server");
        Files.createDirectories(main);
        link("to-etc", Path.of("/etc"));
        link("to-proc", Path.of("/proc/self/cwd"));
        link("to-root", Path.of("/proc/self/root"));
        link("to-server", own);
        link("to-shop", allowed.resolve("shop"));
        link("to-logos", data.resolve("logos"));
        link("to-main", main);
        link("up", Path.of(".."));
        link("here", Path.of("."));
        link("dangling", allowed.resolve("nothing"));
        link("loop", Path.of("loop"));
        link("chain", Path.of("to-etc"));
        link("to-device", Path.of("/dev/null"));
        Files.createSymbolicLink(main.resolve("inner"), Path.of("/etc"));
        Files.writeString(allowed.resolve("file"), "x");
        assertThat(new ProcessBuilder("mkfifo", allowed.resolve("pipe").toString())
                        .start()
                        .waitFor())
                .isZero();
        try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(allowed.resolve("socket")));
            Set<String> paths = new LinkedHashSet<>(hostile(main, data, own));
            foreign().ifPresent(it -> {
                paths.add(it.toString());
                for (String below : List.of(".holdfast", "new", "new/deeper", "ours", "ours/new")) {
                    paths.add(it.resolve(below).toString());
                }
            });
            assertThat(paths).hasSizeGreaterThanOrEqualTo(100);
            List<String> before = tree();
            Answer settings = server.call("GET", SETTINGS);
            for (String path : paths) {
                Answer refused = choose((ObjectNode) settings.json(), path);
                assertThat(refused.status()).as("%s: %s", path, refused).isEqualTo(403);
                assertThat(refused.text("detail")).as(path).startsWith("The backup path is not allowed: ");
            }
            assertThat(server.call("GET", SETTINGS).text()).isEqualTo(settings.text());
            assertThat(tree()).isEqualTo(before);
            assertThat(List.of(Path.of("/etc/x"), Path.of("/proc/x"), Path.of("/dev/x"), Path.of("/x")))
                    .noneMatch(Files::exists);
        }
    }

    private void link(String name, Path target) throws IOException {
        Files.createSymbolicLink(allowed.resolve(name), target);
    }

    /** A folder of another user, if the test may make one. */
    private Optional<Path> foreign() throws IOException {
        Path theirs = Files.createDirectory(allowed.resolve("theirs"));
        Files.createDirectory(theirs.resolve("ours"));
        try {
            Files.setAttribute(theirs, "unix:uid", 12345);
            return Optional.of(theirs);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private List<String> hostile(Path main, Path data, Path own) {
        List<String> paths = new ArrayList<>(List.of(
                // Outside of all folders.
                "/",
                "//",
                "/x",
                "/etc",
                "/etc/x",
                "/root",
                "/root/.ssh",
                "/home/x",
                "/var/lib/x",
                "/tmp/x",
                "/run/x",
                "/usr/local/x",
                "/opt/x",
                "/dev",
                "/dev/x",
                "/dev/null",
                "/dev/null/x",
                "/dev/shm/x",
                "/sys/x",
                "/proc/x",
                "/proc/self",
                "/proc/self/root",
                "/proc/self/root/tmp/x",
                "/proc/self/cwd",
                "/proc/self/cwd/x",
                "/proc/self/fd",
                "/proc/self/fd/0",
                "/proc/self/fd/3/x",
                "/proc/1/root/x",
                "/proc/thread-self/cwd/x",
                "//etc/x",
                "///etc//x",
                "/./etc/./x",
                // Upwards.
                "..",
                "../x",
                "../../x",
                "a/..",
                "a/../..",
                "a/../../x",
                "./../x",
                "x/./../../y",
                ".../../../x",
                // What is no path, or no name.
                "\u0000",
                "a\u0000b",
                "/etc\u0000",
                "a\nb",
                "a\tb",
                "\u007f",
                "x".repeat(256),
                "a/" + "y".repeat(300)));
        for (String root : List.of(main.toString(), allowed.toString())) {
            paths.addAll(List.of(
                    root + "/..",
                    root + "/../x",
                    root + "/a/../../x",
                    root + "/a/../b/../../x",
                    root + "/.holdfast",
                    root + "/.holdfast/x",
                    root + "/a/.holdfast",
                    root + "/a/.holdfast/meta"));
        }
        for (String name : List.of(
                "to-etc",
                "to-proc",
                "to-root",
                "to-server",
                "to-shop",
                "to-logos",
                "to-main",
                "up",
                "here",
                "dangling",
                "loop",
                "chain",
                "to-device",
                "file",
                "pipe",
                "socket",
                "shop")) {
            paths.add(allowed + "/" + name);
            paths.add(allowed + "/" + name + "/x");
        }
        for (Path place : List.of(
                own,
                own.resolve("x"),
                own.resolve("holdfast.db"),
                own.resolve("backups/tv"),
                own.resolve("scratch"),
                data,
                data.resolve("logos"),
                data.resolve("logos/x"),
                data.resolve("recordings"),
                data.resolve("uploads/x/y"),
                data.resolve("plugins"),
                data.resolve("dispatcharr.db"),
                data.resolve("dispatcharr.db/x"),
                directory,
                main.resolve("inner"),
                main.resolve("inner/x"))) {
            paths.add(place.toString());
        }
        paths.addAll(List.of(allowed + "x", ".holdfast", ".holdfast/part", "a/.holdfast", "inner", "inner/x"));
        return paths;
    }

    /** All that is there, but for the server's own files, which it may write at any moment. */
    private List<String> tree() {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(it -> !it.startsWith(directory.resolve("server")))
                    .filter(it -> !it.getFileName().toString().matches(".*-(shm|wal)"))
                    .map(it -> it + (Files.isDirectory(it, LinkOption.NOFOLLOW_LINKS) ? "/" : ""))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
