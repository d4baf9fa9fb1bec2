package dev.holdfast.example;

import dev.holdfast.grpc.v1.Backup;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.BackupServiceGrpc.BackupServiceBlockingStub;
import dev.holdfast.grpc.v1.CreateBackupRequest;
import dev.holdfast.grpc.v1.DownloadBackupRequest;
import dev.holdfast.grpc.v1.DownloadBackupResponse;
import dev.holdfast.grpc.v1.DownloadHeader;
import dev.holdfast.grpc.v1.ListBackupsRequest;
import dev.holdfast.grpc.v1.Operation;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import dev.holdfast.grpc.v1.OperationServiceGrpc.OperationServiceBlockingStub;
import dev.holdfast.grpc.v1.OperationState;
import dev.holdfast.grpc.v1.RestoreBackupRequest;
import dev.holdfast.grpc.v1.Restored;
import dev.holdfast.grpc.v1.WaitMode;
import dev.holdfast.grpc.v1.WatchOperationRequest;
import dev.holdfast.grpc.v1.WatchOperationResponse;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.UUID;

/** Backs up, watches, lists, downloads, restores. Arguments: HOST:PORT FILE [TOKEN] */
public final class BackUpAndRestore {
    private static final int MOST_FAILURES = 5;

    private final BackupServiceBlockingStub backups;
    private final OperationServiceBlockingStub operations;

    private BackUpAndRestore(Channel channel, String token) {
        var headers = new Metadata();
        if (!token.isEmpty()) {
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        }
        var signIn = MetadataUtils.newAttachHeadersInterceptor(headers);
        backups = BackupServiceGrpc.newBlockingStub(channel).withInterceptors(signIn);
        operations = OperationServiceGrpc.newBlockingStub(channel).withInterceptors(signIn);
    }

    public static void main(String[] arguments) throws Exception {
        // TlsChannelCredentials.create() for a server with TLS
        ManagedChannel channel = Grpc.newChannelBuilder(arguments[0], InsecureChannelCredentials.create())
                .build();
        try {
            var client = new BackUpAndRestore(channel, arguments.length > 2 ? arguments[2] : "");
            Backup backup = client.backUp();
            client.list();
            client.download(backup.getFilename(), Path.of(arguments[1]));
            client.restore(backup.getFilename());
        } finally {
            channel.shutdownNow();
        }
    }

    /** Starts a backup, follows it to its end. */
    private Backup backUp() {
        Operation last = backups.withDeadlineAfter(Duration.ofMinutes(1))
                .createBackup(CreateBackupRequest.newBuilder()
                        .setDatabase("default")
                        .setWait(WaitMode.WAIT_MODE_RETURN_AT_ONCE)
                        // the same id again, after a broken connection, starts no second backup
                        .setRequestId(UUID.randomUUID().toString())
                        .build())
                .getOperation();
        Iterator<WatchOperationResponse> changes = operations.watchOperation(
                WatchOperationRequest.newBuilder().setId(last.getId()).build());
        while (changes.hasNext()) {
            last = changes.next().getOperation();
            System.out.println(last.getPhase() + " " + last.getProgress().getBytesDone() + " of "
                    + last.getProgress().getBytesTotal() + " bytes");
        }
        if (last.getState() != OperationState.OPERATION_STATE_SUCCEEDED) {
            throw new IllegalStateException(
                    last.getState() + ": " + last.getError().getDetail());
        }
        return last.getResult().getBackup();
    }

    private void list() {
        backups.withDeadlineAfter(Duration.ofMinutes(1))
                .listBackups(ListBackupsRequest.newBuilder()
                        .setDatabase("default")
                        .setPageSize(10)
                        .build())
                .getBackupsList()
                .forEach(it -> System.out.println(it.getFilename() + " " + it.getSize()));
    }

    /** Where the stream breaks off, it goes on behind the last byte. */
    private void download(String filename, Path target) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        DownloadHeader header = DownloadHeader.getDefaultInstance();
        long done = 0;
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(target), digest)) {
            for (int failures = 0; header.getFilename().isEmpty() || done < header.getSize(); ) {
                try {
                    Iterator<DownloadBackupResponse> parts = backups.downloadBackup(DownloadBackupRequest.newBuilder()
                            .setDatabase("default")
                            .setFilename(filename)
                            .setOffset(done)
                            .setEtag(header.getEtag())
                            .build());
                    while (parts.hasNext()) {
                        DownloadBackupResponse part = parts.next();
                        if (part.hasHeader()) {
                            header = part.getHeader();
                        } else {
                            part.getChunk().writeTo(out);
                            done += part.getChunk().size();
                        }
                    }
                } catch (StatusRuntimeException e) {
                    if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || ++failures == MOST_FAILURES) {
                        throw e;
                    }
                }
            }
        }
        if (header.hasSha256() && !HexFormat.of().formatHex(digest.digest()).equals(header.getSha256())) {
            throw new IOException(target + " is not what the server has");
        }
    }

    private void restore(String filename) {
        Restored restored = backups.restoreBackup(RestoreBackupRequest.newBuilder()
                        .setDatabase("default")
                        .setFilename(filename)
                        .build())
                .getRestored();
        System.out.println(
                "restored " + restored.getRestoredFrom() + "; what was there is in " + restored.getSafetyBackup());
    }
}
