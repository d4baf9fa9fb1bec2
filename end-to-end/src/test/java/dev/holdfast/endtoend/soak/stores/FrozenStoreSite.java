package dev.holdfast.endtoend.soak.stores;

import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.soak.Sqlite;
import dev.holdfast.testkit.WebhookReceiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A server whose databases have a backup due every minute. The store of one, {@code frozen}, can be frozen. */
final class FrozenStoreSite implements AutoCloseable {
    static final String FROZEN = "frozen";
    static final List<String> OTHERS =
            IntStream.rangeClosed(1, 8).mapToObj(it -> "other" + it).toList();

    static final List<String> ALL =
            Stream.concat(OTHERS.stream(), Stream.of(FROZEN)).toList();

    private static final String SECRET = "the secret that signs what is posted";

    private final Path root;
    private final MountPoint mount;
    private final WebhookReceiver webhook = WebhookReceiver.answering(204);
    private final ServerProcess server;
    private final Thread atExit = new Thread(this::end);

    FrozenStoreSite() throws Exception {
        root = Files.createTempDirectory("hf-frozen-store").toRealPath();
        mount = new MountPoint(Files.createDirectory(root.resolve("mounted")));
        mount.bindThroughFuse(new StoreDisk(Files.createDirectory(root.resolve("disk"))));
        Runtime.getRuntime().addShutdownHook(atExit);
        var yaml = new StringBuilder("holdfast:\n  webhooks: {ops: {url: \"%s\", secret: %s}}\n  databases:\n"
                .formatted(webhook.url("/"), SECRET));
        for (String name : ALL) {
            Path file = root.resolve(name + ".db");
            Sqlite.run(file.toString(), "CREATE TABLE entry AS SELECT 1 AS id");
            yaml.append("""
                        %s:
                          file: "%s"
                          backup-directory: "%s"
                          plan: {schedule: {kind: cron, line: "* * * * *"}, retention: {last: 20}}
                    """.formatted(name, file, name.equals(FROZEN) ? mount.at() : backups(name)));
        }
        server = ServerProcess.start(
                ServerProcess.Options.in(root.resolve("data")).config(root.resolve("holdfast.yml"), yaml.toString()));
    }

    MountPoint mount() {
        return mount;
    }

    WebhookReceiver webhook() {
        return webhook;
    }

    ServerProcess server() {
        return server;
    }

    private Path backups(String database) {
        return root.resolve("backups").resolve(database);
    }

    /** When the backups of a database were written, read from its directory and not from the server. */
    List<Instant> written(String database) throws IOException {
        try (Stream<Path> files = Files.list(backups(database))) {
            var times = new ArrayList<Instant>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                FileTime time = Files.getLastModifiedTime(file);
                times.add(time.toInstant());
            }
            return times;
        }
    }

    int threads() {
        return entries("task");
    }

    int descriptors() {
        return entries("fd");
    }

    private int entries(String kind) {
        String[] names =
                Path.of("/proc", Long.toString(server.pid()), kind).toFile().list();
        return names == null ? 0 : names.length;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException _) {
            return; // this process is ending, which does the same
        }
        end();
    }

    private void end() {
        mount.close();
        server.close();
        webhook.close();
        StoreSite.delete(root);
    }
}
