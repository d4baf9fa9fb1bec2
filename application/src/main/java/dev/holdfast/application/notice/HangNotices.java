package dev.holdfast.application.notice;

import dev.holdfast.application.filesystem.Hang;
import dev.holdfast.application.filesystem.Hangs;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.OperationKind;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes notices of file systems that do not answer, and of those that answer again. For one thread. */
public final class HangNotices {
    private static final System.Logger LOG = System.getLogger(HangNotices.class.getName());

    private final Hangs hangs;
    private final Notifier notices;
    private final List<DatabaseName> databases;
    private final InstantSource clock;
    private final Duration after;
    private final Map<DatabaseName, Instant> reported = new HashMap<>();

    /** @param after how long a file system has not answered when it is reported; a shorter hang is not */
    public HangNotices(
            Hangs hangs, Notifier notices, Collection<DatabaseName> databases, InstantSource clock, Duration after) {
        this.hangs = hangs;
        this.notices = notices;
        this.databases = List.copyOf(databases);
        this.clock = clock;
        this.after = after;
    }

    /** Looks at all databases. Waits for nothing. */
    public void look() {
        databases.forEach(this::look);
    }

    private void look(DatabaseName database) {
        Instant now = clock.instant();
        Optional<Hang> hang = hangs.of(database, OperationKind.BACKUP);
        Instant since = reported.get(database);
        if (since == null) {
            hang.filter(it -> Duration.between(it.since(), now).abs().compareTo(after) >= 0)
                    .ifPresent(it -> begins(database, it, now));
        } else if (hang.isEmpty()) {
            reported.remove(database);
            String text = "The file systems of database " + database + " answer again. They had not since "
                    + since.truncatedTo(ChronoUnit.SECONDS) + ". What waited goes on.";
            LOG.log(Level.INFO, text);
            tell(Notification.Kind.RECOVERED, database, now, text);
        }
    }

    private void begins(DatabaseName database, Hang hang, Instant now) {
        reported.put(database, hang.since());
        String text = hang.text() + " Until then the backups of database " + database + " wait.";
        LOG.log(Level.WARNING, text);
        tell(Notification.Kind.FAILURE, database, now, text);
    }

    private void tell(Notification.Kind kind, DatabaseName database, Instant now, String text) {
        notices.tell(new Notification(kind, database, now, text, Optional.empty(), Optional.empty()));
    }
}
