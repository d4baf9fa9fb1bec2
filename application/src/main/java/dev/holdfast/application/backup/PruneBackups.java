package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.retention.RetentionDecision;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Removes the backups that a plan's retention does not keep. */
public interface PruneBackups {
    /** @return the running operation; its result is {@code Expired}, also where nothing was to be removed */
    Outcome<Operation> start(String database, Requester requester);

    /**
     * What {@link #start} would do now, newest backup first. Removes nothing.
     *
     * @param change of the plan, by name of its terms, as if it were in force; empty for the plan as it is
     */
    Outcome<List<RetentionDecision>> preview(String database, Map<String, Optional<String>> change);
}
