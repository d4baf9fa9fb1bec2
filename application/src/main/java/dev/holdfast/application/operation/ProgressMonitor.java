package dev.holdfast.application.operation;

import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Phase;
import java.util.Optional;

/** What long work reports to, and asks whether to go on. Used by the one thread that does the work. */
public interface ProgressMonitor {
    /** @param totalBytes 0 if not known */
    void enter(Phase phase, long totalBytes);

    /**
     * Reports bytes done in the current phase since the last call.
     *
     * @throws CancelledException if somebody has asked to cancel; to be called at least every few megabytes
     */
    void advance(long bytes);

    /** @throws CancelledException if somebody has asked to cancel */
    void checkCancelled();

    /**
     * Reports what a person has to know or do although the work succeeds. It becomes part of the result where that has
     * room for it, and is not logged.
     */
    default void remark(String text) {}

    /** Which one this is the work of; empty if nobody keeps a record of it. */
    default Optional<OperationId> operation() {
        return Optional.empty();
    }

    /** Nobody watches and nobody cancels. */
    ProgressMonitor UNWATCHED = new ProgressMonitor() {
        @Override
        public void enter(Phase phase, long totalBytes) {}

        @Override
        public void advance(long bytes) {}

        @Override
        public void checkCancelled() {}
    };
}
