package dev.holdfast.application.location;

import dev.holdfast.application.notice.Notification;
import dev.holdfast.application.notice.Notifier;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;

/** Makes notices of databases whose paths lead elsewhere, and of their return or confirmation. For one thread. */
public final class LocationNotices {
    private static final System.Logger LOG = System.getLogger(LocationNotices.class.getName());

    private final BiFunction<DatabaseName, Source, Optional<Problem>> problems;
    private final Notifier notices;
    private final Map<DatabaseName, Source> databases;
    private final InstantSource clock;
    private final Map<DatabaseName, String> reported = new HashMap<>();

    /** @param problems as {@link Locations#problem}; throws if it cannot be found out now */
    public LocationNotices(
            BiFunction<DatabaseName, Source, Optional<Problem>> problems,
            Notifier notices,
            Map<DatabaseName, Source> databases,
            InstantSource clock) {
        this.problems = problems;
        this.notices = notices;
        this.databases = Map.copyOf(databases);
        this.clock = clock;
    }

    /** Looks at all databases. Each change is reported once. */
    public void look() {
        databases.forEach(this::look);
    }

    private void look(DatabaseName database, Source source) {
        Optional<Problem> problem;
        try {
            problem = problems.apply(database, source);
        } catch (ProblemException e) {
            LOG.log(Level.DEBUG, "Where the paths of database " + database + " lead is not known now", e);
            return; // a file system that hangs is reported elsewhere
        }
        if (problem.isPresent()) {
            String text = problem.get().detail();
            if (!Objects.equals(reported.put(database, text), text)) {
                LOG.log(Level.WARNING, "Database " + database + ": " + text);
                send(Notification.Kind.FAILURE, database, text);
            }
        } else if (reported.remove(database) != null) {
            String text = "All paths of database " + database + " lead to accepted places again.";
            LOG.log(Level.INFO, text);
            send(Notification.Kind.RECOVERED, database, text);
        }
    }

    private void send(Notification.Kind kind, DatabaseName database, String text) {
        notices.tell(new Notification(kind, database, clock.instant(), text, Optional.empty(), Optional.empty()));
    }
}
