package dev.holdfast.domain.retention;

import dev.holdfast.domain.backup.Backup;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What becomes of one backup. */
public sealed interface RetentionDecision {
    Backup backup();

    /** Nothing speaks for keeping it. */
    record Remove(Backup backup) implements RetentionDecision {}

    /** @param reasons all that apply, at least one, in the order of {@link RetentionReason} */
    record Keep(Backup backup, Set<RetentionReason> reasons) implements RetentionDecision {
        public Keep {
            if (reasons.isEmpty()) {
                throw new IllegalArgumentException("reasons: none (expected: at least one)");
            }
            reasons = Collections.unmodifiableSet(EnumSet.copyOf(reasons));
        }
    }
}
