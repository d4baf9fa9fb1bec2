package dev.holdfast.domain.retention;

import dev.holdfast.domain.backup.Backup;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What becomes of one backup. */
public sealed interface Verdict {
    Backup backup();

    /** Nothing speaks for keeping it. */
    record Remove(Backup backup) implements Verdict {}

    /** @param reasons all that apply, at least one, in the order of {@link Reason} */
    record Keep(Backup backup, Set<Reason> reasons) implements Verdict {
        public Keep {
            if (reasons.isEmpty()) {
                throw new IllegalArgumentException("reasons: none (expected: at least one)");
            }
            reasons = Collections.unmodifiableSet(EnumSet.copyOf(reasons));
        }
    }
}
