package dev.holdfast.grpc.service;

import com.google.protobuf.UnsafeByteOperations;
import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.problem.GrpcCode;
import dev.holdfast.grpc.problem.GrpcReplies;
import dev.holdfast.grpc.problem.Problems;
import dev.holdfast.grpc.v1.DownloadBackupRequest;
import dev.holdfast.grpc.v1.DownloadBackupResponse;
import dev.holdfast.grpc.v1.DownloadHeader;
import java.io.IOException;
import java.io.InputStream;

/** A backup's bytes on their way to a client. As long as it is open the backup cannot be deleted. */
record Download(OpenBackup.Opened opened, long offset, String expectedEtag) implements AutoCloseable {
    private static final int CHUNK = 1 << 16;

    static Outcome<Download> open(OpenBackup useCase, DownloadBackupRequest request, FlowControlledStream<?> stream) {
        if (request.getOffset() < 0) {
            return Outcome.refused(new Problem.InvalidArgument("offset", "offset is 0 or more, in bytes."));
        }
        return useCase.open(GrpcReplies.database(request.getDatabase()), request.getFilename(), new WhileOpen(stream))
                .then(opened -> Outcome.done(new Download(opened, request.getOffset(), request.getEtag())));
    }

    /** Ends work when nobody waits for what comes of it. */
    private record WhileOpen(FlowControlledStream<?> stream) implements ProgressMonitor {
        @Override
        public void enter(Phase phase, long totalBytes) {
            checkCancelled();
        }

        @Override
        public void advance(long bytes) {
            checkCancelled();
        }

        @Override
        public void checkCancelled() {
            if (!stream.isOpen()) {
                throw new CancelledException();
            }
        }
    }

    void send(FlowControlledStream<DownloadBackupResponse> stream) throws IOException, InterruptedException {
        long size = opened.artifact().size();
        DownloadHeader header = header(size);
        if (!expectedEtag.isEmpty() && !expectedEtag.equals(header.getEtag())) {
            throw Problems.of(
                    new Problem.PreconditionFailed("The backup is not the one that the etag names; begin again."));
        }
        if (offset > size) {
            throw Problems.of(
                    GrpcCode.RANGE_NOT_SATISFIABLE,
                    "The backup has " + size + " bytes; the offset lies behind its end.");
        }
        if (stream.send(DownloadBackupResponse.newBuilder().setHeader(header).build())) {
            sendBytes(stream, size - offset);
        }
    }

    private void sendBytes(FlowControlledStream<DownloadBackupResponse> stream, long length)
            throws IOException, InterruptedException {
        try (InputStream bytes = opened.artifact().open(offset)) {
            long left = length;
            boolean taken = true;
            while (left > 0 && taken) {
                byte[] chunk = bytes.readNBytes((int) Math.min(CHUNK, left));
                if (chunk.length == 0) {
                    throw Problems.of(
                            new Problem.BackupCorrupt(opened.backup().key(), "it ends " + left + " bytes early."));
                }
                left -= chunk.length;
                taken = stream.send(DownloadBackupResponse.newBuilder()
                        .setChunk(UnsafeByteOperations.unsafeWrap(chunk)) // nobody else has it
                        .build());
            }
        }
    }

    private DownloadHeader header(long size) {
        Backup backup = opened.backup();
        DownloadHeader.Builder header = DownloadHeader.newBuilder()
                .setFilename(backup.key().value())
                .setSize(size)
                .setOffset(offset)
                .setMediaType(backup.layout().mediaType());
        backup.sha256()
                .map(Sha256::hex)
                .ifPresent(it -> header.setSha256(it).setEtag("\"" + it + "\"")); // as over HTTP
        return header.build();
    }

    @Override
    public void close() {
        opened.close();
    }
}
