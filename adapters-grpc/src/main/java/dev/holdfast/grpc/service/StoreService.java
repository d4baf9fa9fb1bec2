package dev.holdfast.grpc.service;

import dev.holdfast.application.stores.ConfirmStore;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.grpc.access.Caller;
import dev.holdfast.grpc.problem.GrpcReplies;
import dev.holdfast.grpc.v1.ConfirmStoreRequest;
import dev.holdfast.grpc.v1.ConfirmStoreResponse;
import dev.holdfast.grpc.v1.StoreServiceGrpc;
import io.grpc.stub.StreamObserver;

/** What is done with stores. */
public final class StoreService extends StoreServiceGrpc.StoreServiceImplBase {
    private final ConfirmStore confirmStore;

    public StoreService(ConfirmStore confirmStore) {
        this.confirmStore = confirmStore;
    }

    @Override
    public void confirmStore(ConfirmStoreRequest request, StreamObserver<ConfirmStoreResponse> call) {
        GrpcReplies.reply(
                call,
                confirmStore.confirm(request.getStore(), GrpcReplies.database(request.getDatabase()), Caller.name()),
                StoreService::response);
    }

    private static ConfirmStoreResponse response(ConfirmStore.Confirmation confirmation) {
        return ConfirmStoreResponse.newBuilder()
                .setStore(confirmation.store())
                .setDatabase(confirmation.database().value())
                .setId(confirmation.confirmed().id().value())
                .addAllDatabases(confirmation.confirmed().databases().stream()
                        .map(DatabaseName::value)
                        .sorted()
                        .toList())
                .setBackupCount(confirmation.confirmed().backups())
                .setDetail(confirmation.detail())
                .build();
    }
}
