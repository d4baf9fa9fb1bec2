package dev.holdfast.endtoend.stores;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two databases whose backup directories are mounts, as of disks of their own; mounting takes root. */
@Tag("process")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ExchangedDisksTest {
    @TempDir
    private Path directory;

    private final Deque<Path> mounts = new ArrayDeque<>();
    private Path shop;
    private Path blog;
    private Path shopDisk;
    private Path blogDisk;

    @BeforeEach
    void prepare() throws Exception {
        shop = Files.createDirectory(directory.resolve("shop"));
        blog = Files.createDirectory(directory.resolve("blog"));
        shopDisk = Files.createDirectory(directory.resolve("disk-of-shop"));
        blogDisk = Files.createDirectory(directory.resolve("disk-of-blog"));
        Bank.create(directory.resolve("shop.db"), "WAL", 5);
        Bank.create(directory.resolve("blog.db"), "WAL", 3);
    }

    @AfterEach
    void unmountAll() throws Exception {
        while (!mounts.isEmpty()) {
            unmount(mounts.peek());
        }
    }

    private void mount(Path disk, Path at) throws Exception {
        run("mount", "--bind", disk.toString(), at.toString());
        mounts.push(at);
    }

    private void unmount(Path at) throws Exception {
        run("umount", at.toString());
        mounts.remove(at);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
    }

    private ServerProcess start(String nameOfShop) throws Exception {
        return ServerProcess.start(Options.in(directory.resolve("data")).config(config(), """
                        holdfast:
                          databases:
                            %s:
                              file: "%s"
                              backup-directory: "%s"
                              plan: {retention: {last: 1}}
                            blog: {file: "%s", backup-directory: "%s"}
                        """.formatted(
                        nameOfShop, directory.resolve("shop.db"), shop, directory.resolve("blog.db"), blog)));
    }

    private Path config() {
        return directory.resolve("holdfast.yml");
    }

    private static void assertRefused(String database, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(503);
        assertThat(answer.text("code")).isEqualTo("store-unavailable");
        assertThat(answer.text("detail")).contains("holdfast store confirm local --database " + database);
    }

    @Test
    void exchanged_disks_are_noticed_and_no_backup_is_removed_restored_or_mixed() throws Exception {
        mount(shopDisk, shop);
        mount(blogDisk, blog);
        try (ServerProcess server = start("shop");
                Client client = new Client(server.address())) {
            String ofShop = client.backUp("shop");
            client.backUp("blog");
            client.backUp("blog");
            Map<String, Long> before = contents(blogDisk);

            unmount(shop);
            unmount(blog);
            mount(blogDisk, shop);
            mount(shopDisk, blog);

            assertRefused("shop", client.get("/api/v1/backup?database=shop"));
            assertRefused("shop", client.post("/api/v1/backup?database=shop"));
            assertRefused("shop", client.post("/api/v1/backup/plan/preview?database=shop"));
            assertRefused("blog", client.post("/api/v1/backup/" + ofShop + "/restore?database=blog"));
            assertRefused("blog", client.delete("/api/v1/backup/" + ofShop + "?database=blog"));
            Answer readiness = client.get("/health/readiness");
            assertThat(readiness.status()).isEqualTo(503);
            assertThat(readiness.json().at("/failures/database shop").asText()).isEqualTo("store-unavailable");
            assertThat(client.get("/api/v1/databases").text()).contains("store-unavailable");
            assertThat(client.get("/api/v1/operations?database=shop&kind=backup&state=failed")
                            .text())
                    .contains("store-unavailable");

            unmount(shop);
            unmount(blog);
            mount(shopDisk, shop);
            mount(blogDisk, blog);
            assertThat(client.filenames("shop")).containsExactly(ofShop);
            assertThat(client.filenames("blog")).hasSize(2);
            assertThat(contents(blogDisk)).containsAllEntriesOf(before);
        }
    }

    @Test
    void a_start_before_the_disk_is_mounted_writes_nothing_and_works_once_it_is() throws Exception {
        mount(shopDisk, shop);
        String backup;
        try (ServerProcess server = start("shop");
                Client client = new Client(server.address())) {
            backup = client.backUp("shop");
            server.stop();
        }
        unmount(shop);
        try (ServerProcess server = start("shop");
                Client client = new Client(server.address())) {
            assertRefused("shop", client.get("/api/v1/backup?database=shop"));
            assertRefused("shop", client.post("/api/v1/backup?database=shop"));
            assertThat(client.get("/health/readiness").status()).isEqualTo(503);
            assertThat(shop).isEmptyDirectory();

            mount(shopDisk, shop);
            assertThat(client.filenames("shop")).containsExactly(backup);
            client.backUp("shop");
        }
    }

    @Test
    void a_renamed_database_keeps_its_backups_and_another_directory_waits_for_an_admin() throws Exception {
        String first;
        try (ServerProcess server = start("shop");
                Client client = new Client(server.address())) {
            first = client.backUp("shop");
            assertThat(client.send("PATCH", "/api/v1/backup/plan?database=shop", "{\"retention\":{\"last\":7}}")
                            .status())
                    .isEqualTo(200);
            server.stop();
        }
        try (ServerProcess server = start("outlet");
                Client client = new Client(server.address())) {
            assertThat(client.filenames("outlet")).containsExactly(first);
            assertThat(client.get("/api/v1/backup/plan?database=outlet")
                            .json()
                            .at("/retention/last")
                            .asInt())
                    .isEqualTo(7);
            client.backUp("outlet");

            mount(shopDisk, shop);
            assertRefused("outlet", client.get("/api/v1/backup?database=outlet"));
            assertThat(client.post("/api/v1/stores/offsite/confirm?database=outlet")
                            .text("code"))
                    .isEqualTo("store-not-found");
            Answer confirmed = client.post("/api/v1/stores/local/confirm?database=outlet");
            assertThat(confirmed.status()).as(confirmed.text()).isEqualTo(200);
            assertThat(confirmed.json().path("backups").asInt()).isZero();
            assertThat(confirmed.text("detail")).contains("starts afresh");
            assertThat(client.filenames("outlet")).isEmpty();
            String afresh = client.backUp("outlet");

            unmount(shop);
            assertRefused("outlet", client.get("/api/v1/backup?database=outlet"));
            assertThat(confirm("offsite", "outlet").waitFor()).isEqualTo(3);
            assertThat(confirm("local", "shop").waitFor()).isEqualTo(3);
            assertThat(Command.run(
                            directory.resolve("data"),
                            "",
                            "stores",
                            "confirm",
                            "local",
                            "--database",
                            "outlet",
                            "--config",
                            config().toString()))
                    .contains("The store with 2 backups belongs to database outlet from now on.");
            assertThat(client.filenames("outlet")).hasSize(2).contains(first);
            assertThat(client.get("/api/v1/audit").text()).contains("store.confirm", "command line");
            client.backUp("outlet");
            assertThat(shopDisk.resolve(afresh)).exists();
        }
    }

    private Process confirm(String store, String database) throws Exception {
        return Command.launch(
                directory.resolve("data"),
                "",
                "store",
                "confirm",
                store,
                "--database",
                database,
                "--config",
                config().toString());
    }

    /** The sizes of all files, by their paths. */
    private static Map<String, Long> contents(Path disk) throws IOException {
        try (Stream<Path> files = Files.walk(disk)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            return all.stream()
                    .filter(it -> !it.toString().contains("/part/"))
                    .collect(Collectors.toMap(
                            it -> disk.relativize(it).toString(),
                            it -> it.toFile().length()));
        }
    }
}
