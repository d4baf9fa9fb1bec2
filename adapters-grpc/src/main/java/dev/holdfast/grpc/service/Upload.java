package dev.holdfast.grpc.service;

import com.google.protobuf.ByteString;
import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.access.Caller;
import dev.holdfast.grpc.problem.GrpcReplies;
import dev.holdfast.grpc.problem.GrpcUnexpectedExceptions;
import dev.holdfast.grpc.problem.Problems;
import dev.holdfast.grpc.v1.UploadBackupRequest;
import dev.holdfast.grpc.v1.UploadBackupResponse;
import dev.holdfast.grpc.v1.UploadMetadata;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** One upload: gRPC hands its messages in, one after the other; the operation reads the bytes on its own thread. */
final class Upload implements StreamObserver<UploadBackupRequest> {
    private static final int LARGEST_CHUNK = 1 << 20;
    private static final String CHUNK = "A chunk has 1 to " + LARGEST_CHUNK + " bytes";
    /** So many chunks may be on their way or wait to be read. */
    private static final int WINDOW = 4;
    /** Nobody has a use for them; some clients send one at the end. */
    private static final int MOST_EMPTY = 16;

    private final ServerCallStreamObserver<UploadBackupResponse> call;
    private final UploadBackup useCase;
    private final StartedOperations started;
    private final UploadChunkStream chunks;
    private boolean begun;
    private int empty;
    /** Of the messages, not of the operation. */
    private boolean ended;

    private Upload(
            ServerCallStreamObserver<UploadBackupResponse> call,
            UploadBackup useCase,
            StartedOperations started,
            IdleTimeout silence) {
        this.call = call;
        this.useCase = useCase;
        this.started = started;
        this.chunks = new UploadChunkStream(silence, () -> call.request(1));
    }

    static Upload begin(
            ServerCallStreamObserver<UploadBackupResponse> call,
            UploadBackup useCase,
            StartedOperations started,
            IdleTimeout silence) {
        var upload = new Upload(call, useCase, started, silence);
        call.disableAutoRequest();
        call.setOnCancelHandler(upload::goneAway);
        call.request(1);
        return upload;
    }

    @Override
    public void onNext(UploadBackupRequest message) {
        if (ended) {
            return;
        }
        switch (message.getPayloadCase()) {
            case METADATA -> {
                if (begun) {
                    refuse("metadata", "The metadata are sent once, before the first chunk.");
                } else {
                    begin(message.getMetadata());
                }
            }
            case CHUNK -> add(message.getChunk());
            case PAYLOAD_NOT_SET -> refuse("payload", "A message holds the metadata or a chunk.");
        }
    }

    private void begin(UploadMetadata metadata) {
        if (metadata.getSize() < 0) {
            refuse("metadata.size", "size is the file's, in bytes, or 0 if it is not known.");
            return;
        }
        Outcome<Requester> requester = Caller.requester(metadata.getRequestId());
        begun = true;
        chunks.announce(metadata.getSize());
        // Another thread, for this one has to take the chunks.
        var _ = Thread.startVirtualThread(Context.current().wrap(() -> run(metadata, requester)));
        call.request(WINDOW);
    }

    private void run(UploadMetadata metadata, Outcome<Requester> requester) {
        try {
            Outcome<Operation> operation = requester.then(it -> useCase.start(
                    GrpcReplies.database(metadata.getDatabase()),
                    metadata.getFilename(),
                    chunks,
                    metadata.getSize(),
                    it));
            switch (operation) {
                case Outcome.Refused<Operation>(var problem) -> fail(problem);
                case Outcome.Done<Operation>(var running) ->
                    started.await(
                            call,
                            running,
                            metadata.getRequestId(),
                            this::endIfCancelled,
                            result -> UploadBackupResponse.newBuilder()
                                    .setBackup(result.getUploaded())
                                    .setCommittedSize(result.getUploaded().getSize())
                                    .build());
            }
        } catch (RuntimeException e) {
            if (!call.isCancelled()) {
                call.onError(GrpcUnexpectedExceptions.told(e));
            }
        }
    }

    /** Else the operation would go on waiting for bytes that nobody wants any more. */
    private void endIfCancelled(Operation operation) {
        if (operation.cancelRequested()) {
            chunks.breakOff("the operation was cancelled");
        }
    }

    private void fail(Problem problem) {
        if (!call.isCancelled()) {
            call.onError(Problems.of(problem));
        }
    }

    private void add(ByteString chunk) {
        if (!begun) {
            refuse("metadata", "The first message holds the metadata.");
        } else if (chunk.size() > LARGEST_CHUNK) {
            refuse("chunk", CHUNK + "; this one has " + chunk.size() + ".");
        } else if (chunk.isEmpty()) {
            skip();
        } else {
            chunks.add(chunk);
        }
    }

    /** Does not count as something that came: the reader waits on, and gives up in the end. */
    private void skip() {
        if (++empty > MOST_EMPTY) {
            refuse("chunk", CHUNK + "; " + empty + " came that were empty.");
        } else {
            call.request(1);
        }
    }

    @Override
    public void onCompleted() {
        if (!begun && !ended) {
            refuse("metadata", "The first message holds the metadata.");
        }
        ended = true;
        chunks.complete();
    }

    @Override
    public void onError(Throwable cause) {
        goneAway();
    }

    /** The operation, if there is one, fails for want of bytes. A client that has sent all stops nothing. */
    private void goneAway() {
        chunks.breakOff("the client went away");
    }

    /** Before anything has begun the call is answered here, later by what comes of the operation that lacks its bytes. */
    private void refuse(String field, String detail) {
        ended = true;
        var problem = new Problem.InvalidArgument(field, detail);
        if (begun) {
            chunks.refuse(problem);
        } else {
            fail(problem);
        }
    }
}
