package dev.holdfast.application.location;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.location.Locations.Change;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.domain.problem.Problem;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

record ConfirmLocationService(
        Function<String, Outcome<Registered>> databases, Locations locations, Audit audit, InstantSource clock)
        implements ConfirmLocation {
    private static final System.Logger LOG = System.getLogger(ConfirmLocationService.class.getName());

    @Override
    public Outcome<Confirmation> confirm(String database, String resolved, String who) {
        return Outcome.attempt(() -> databases.apply(database).then(it -> confirm(it, resolved, who)));
    }

    private Outcome<Confirmation> confirm(Registered database, String resolved, String who) {
        List<Change> changes = locations.changes(database.name(), database.source());
        if (changes.isEmpty()) {
            return confirm(database, List.of(), who);
        }
        if (resolved.isEmpty()) {
            return Outcome.refused(new Problem.InvalidArgument(
                    "resolved_path",
                    "resolved_path is the place that is accepted. " + now(changes) + " Nothing was confirmed."));
        }
        List<Change> meant = changes.stream()
                .filter(it -> it.resolved().toString().equals(resolved))
                .toList();
        return meant.isEmpty() ? Outcome.refused(changed(changes)) : confirm(database, meant, who);
    }

    private Outcome<Confirmation> confirm(Registered database, List<Change> changes, String who) {
        changes.forEach(locations::requireOwn);
        List<Moved> confirmed = new ArrayList<>();
        for (Change change : changes) {
            var moved = new Moved(change.before().registered(), change.before().resolved(), change.resolved());
            audit.add(new AuditEntry(
                    clock.instant(),
                    who,
                    "location.confirm",
                    database.name(),
                    moved.registered() + " leads to " + moved.resolved() + ", before to " + moved.before()));
            if (!locations.replace(change)) {
                return Outcome.refused(changed(locations.changes(database.name(), database.source())));
            }
            confirmed.add(moved);
        }
        var confirmation = new Confirmation(database.name(), confirmed);
        if (!confirmed.isEmpty()) {
            LOG.log(
                    Level.INFO,
                    "The location of database " + database.name() + " is confirmed by " + who + ". "
                            + confirmation.detail());
        }
        return Outcome.done(confirmation);
    }

    private static Problem changed(List<Change> changes) {
        return new Problem.PreconditionFailed(
                "No changed path of the database leads to the place that the request" + " accepts. " + now(changes)
                        + " Nothing was confirmed. Look at the place, and confirm it if it is right.");
    }

    private static String now(List<Change> changes) {
        return changes.isEmpty()
                ? "All paths lead to where they did."
                : changes.getFirst().before().registered() + " leads to "
                        + changes.getFirst().resolved() + " now.";
    }
}
