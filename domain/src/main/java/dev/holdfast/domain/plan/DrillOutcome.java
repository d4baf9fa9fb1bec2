package dev.holdfast.domain.plan;

/** How a restore drill ended. */
public enum DrillOutcome {
    /** The restored copy is the backup, and passed every check. */
    PASSED,
    /** It is not, or did not. */
    FAILED,
    /** It could not be tried, which says nothing about the backup. */
    INCONCLUSIVE
}
