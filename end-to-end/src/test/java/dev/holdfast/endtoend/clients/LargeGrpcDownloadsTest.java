package dev.holdfast.endtoend.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.grpc.v1.Backup;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.CreateBackupRequest;
import dev.holdfast.grpc.v1.DownloadBackupRequest;
import dev.holdfast.grpc.v1.DownloadBackupResponse;
import dev.holdfast.testkit.TestScale;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prints what it measures. In a soak it takes minutes and 4 GiB of disk. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LargeGrpcDownloadsTest {
    private static final int CLIENTS = 10;
    private static final int CHUNK = 1 << 16;
    private static final int BYTES_PER_SECOND = 1_000_000;
    private static final int MEBIBYTES = TestScale.of(48, 2048);
    private static final int SECONDS = TestScale.of(3, 30);
    private static final long MOST_GROWTH_KIB = 64 << 10;

    @Test
    void a_large_backup_arrives_whole_and_ten_slow_readers_cost_no_memory(@TempDir Path directory) throws Exception {
        Path bank = Bank.create(directory.resolve("app.db"), "WAL", MEBIBYTES);
        try (ServerProcess server = ServerProcess.start(Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {databases: {default: {file: \"%s\"}}}".formatted(bank)))) {
            ManagedChannel channel = channel(server);
            try {
                Backup backup = BackupServiceGrpc.newBlockingStub(channel)
                        .createBackup(CreateBackupRequest.getDefaultInstance())
                        .getBackup();
                assertThat(backup.getSize()).isGreaterThan((long) MEBIBYTES << 20);
                download(channel, backup);
            } finally {
                channel.shutdownNow();
            }
            readSlowly(server);
        }
    }

    private static ManagedChannel channel(ServerProcess server) {
        return NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                .usePlaintext()
                .build();
    }

    private static void download(ManagedChannel channel, Backup backup) throws Exception {
        long began = System.nanoTime();
        Iterator<DownloadBackupResponse> parts = BackupServiceGrpc.newBlockingStub(channel)
                .downloadBackup(DownloadBackupRequest.newBuilder()
                        .setFilename(backup.getFilename())
                        .build());
        assertThat(parts.next().getHeader().getSha256()).isEqualTo(backup.getSha256());
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        long received = 0;
        while (parts.hasNext()) {
            var chunk = parts.next().getChunk();
            received += chunk.size();
            digest.update(chunk.asReadOnlyByteBuffer());
        }
        System.out.printf("downloaded %,d bytes in %.1f s%n", received, (System.nanoTime() - began) / 1e9);
        assertThat(received).isEqualTo(backup.getSize());
        assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(backup.getSha256());
    }

    private static void readSlowly(ServerProcess server) throws Exception {
        var readers = new ArrayList<SlowReader>();
        var resident = new ArrayList<Long>();
        try (ScheduledExecutorService pace = Executors.newScheduledThreadPool(CLIENTS)) {
            for (int i = 0; i < CLIENTS; i++) {
                readers.add(new SlowReader(channel(server), pace));
            }
            for (int second = 0; second < SECONDS; second++) {
                resident.add(resident(server.pid()));
                // The measurement's own pace.
                TimeUnit.SECONDS.sleep(1);
            }
            readers.forEach(SlowReader::close);
            pace.shutdownNow();
        }
        System.out.printf(
                "%d readers got %s bytes each; resident KiB by second: %s%n",
                CLIENTS, readers.stream().map(it -> it.received.get()).toList(), resident);
        assertThat(readers).allSatisfy(it -> assertThat(it.received.get()).isGreaterThan(BYTES_PER_SECOND));
        assertThat(resident.getLast() - resident.get(SECONDS / 3)).isLessThan(MOST_GROWTH_KIB);
    }

    private static long resident(long pid) throws Exception {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(it -> it.startsWith("VmRSS:"))
                    .mapToLong(it -> Long.parseLong(it.replaceAll("\\D", "")))
                    .findAny()
                    .orElseThrow();
        }
    }

    /** A connection of its own, that takes so many messages a second. The stub asks for one at a time. */
    private static final class SlowReader {
        private final AtomicLong received = new AtomicLong();
        private final ManagedChannel channel;

        SlowReader(ManagedChannel channel, ScheduledExecutorService pace) {
            this.channel = channel;
            List<Backup> backups = BackupServiceGrpc.newBlockingStub(channel)
                    .listBackups(dev.holdfast.grpc.v1.ListBackupsRequest.getDefaultInstance())
                    .getBackupsList();
            Iterator<DownloadBackupResponse> parts = BackupServiceGrpc.newBlockingStub(channel)
                    .downloadBackup(DownloadBackupRequest.newBuilder()
                            .setFilename(backups.getFirst().getFilename())
                            .build());
            long every = 1_000_000_000L * CHUNK / BYTES_PER_SECOND;
            // The reader's own end throws; one before it shows in what was received.
            var _ = pace.scheduleAtFixedRate(
                    () -> received.addAndGet(parts.next().getChunk().size()), 0, every, TimeUnit.NANOSECONDS);
        }

        void close() {
            channel.shutdownNow();
        }
    }
}
