package dev.holdfast.grpc.access;

import dev.holdfast.application.access.Identity;
import dev.holdfast.application.audit.CurrentCaller;
import dev.holdfast.application.audit.RemoteCaller;
import java.util.Optional;

/** Whose call over gRPC the thread serves. */
public final class CurrentGrpcCaller implements CurrentCaller {
    @Override
    public Optional<RemoteCaller> find() {
        Identity identity = Caller.IDENTITY.get();
        String address = Caller.ADDRESS.get();
        return identity == null || address == null
                ? Optional.empty()
                : Optional.of(new RemoteCaller(identity.name(), address));
    }
}
