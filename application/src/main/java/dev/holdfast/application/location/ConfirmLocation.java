package dev.holdfast.application.location;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;

/** Accepts the places to which paths of a database lead now, after they have changed. */
public interface ConfirmLocation {
    /**
     * @param resolved the place that is accepted; {@code precondition-failed} if no path leads there any more
     * @param who for the audit
     */
    Outcome<Confirmation> confirm(String database, String resolved, String who);

    /** A path, and where it led and leads. */
    record Moved(Path registered, Path before, Path resolved) {}

    /** What was confirmed; nothing if all paths led to where they did. */
    record Confirmation(DatabaseName database, List<Moved> confirmed) {
        public Confirmation {
            confirmed = List.copyOf(confirmed);
        }

        /** For a person. */
        public String detail() {
            if (confirmed.isEmpty()) {
                return "All paths of database " + database + " lead to where they did. Nothing was changed.";
            }
            StringBuilder text = new StringBuilder();
            for (Moved it : confirmed) {
                text.append(it.registered()).append(" leads to ").append(it.resolved());
                text.append(" from now on; before, it led to ")
                        .append(it.before())
                        .append(". ");
            }
            return text.toString().strip();
        }
    }

    /** A registered database, as far as this needs it. */
    record Registered(DatabaseName name, Source source) {}

    /** @param databases finds a registered database by the name that a client sent */
    static ConfirmLocation using(
            Function<String, Outcome<Registered>> databases, Locations locations, Audit audit, InstantSource clock) {
        return new ConfirmLocationService(databases, locations, audit, clock);
    }
}
