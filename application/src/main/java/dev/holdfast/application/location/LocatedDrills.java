package dev.holdfast.application.location;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.RunRestoreDrill;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.problem.Problem;
import java.util.Optional;

/** Begins a drill only while the paths of the database lead to where they did. */
public record LocatedDrills(RunRestoreDrill drills, Databases databases, Locations locations)
        implements RunRestoreDrill {
    @Override
    public Outcome<Operation> start(String database, Requester requester) {
        return Outcome.attempt(() -> databases.find(database).then(it -> start(it.database(), requester)));
    }

    private Outcome<Operation> start(Database database, Requester requester) {
        Optional<Problem> problem = locations.problem(database.name(), database.source());
        return problem.<Outcome<Operation>>map(Outcome::refused)
                .orElseGet(() -> drills.start(database.name().value(), requester));
    }
}
