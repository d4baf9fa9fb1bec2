package dev.holdfast.application.audit;

import java.util.Optional;

/** Who makes the call that the thread serves. Each API has its own; empty on a thread that serves no call. */
@FunctionalInterface
public interface CurrentCaller {
    Optional<RemoteCaller> find();
}
