package dev.holdfast.application.restore;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.problem.Problem;
import java.util.Optional;

/** Restores into a place of its own, to see whether it can be done. Safe for use by several threads. */
public interface RestoreDrills {
    /**
     * Restores the image as into a missing database, has SQLite check the result in full, compares its bytes with
     * {@code recorded}, and removes it. Enters {@code COPYING}, then {@code CHECKING_COPY}.
     *
     * @param recorded when the backup was made; empty where nobody recorded it
     * @throws dev.holdfast.application.operation.CancelledException soon after the work is cancelled
     */
    Tried tryOut(Artifact image, Optional<Sha256> recorded, ProgressMonitor work);

    /** What came of it. */
    sealed interface Tried {
        /** @param remark what else was found, as of {@code Verification.Passed} */
        record Proven(Optional<String> remark) implements Tried {}

        /** @param finding for a person */
        record Disproven(String finding) implements Tried {}

        /** Says nothing about the backup. */
        record NotTried(Problem problem) implements Tried {}
    }
}
