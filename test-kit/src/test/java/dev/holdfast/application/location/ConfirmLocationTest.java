package dev.holdfast.application.location;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.location.ConfirmLocation.Confirmation;
import dev.holdfast.application.location.ConfirmLocation.Moved;
import dev.holdfast.application.location.ConfirmLocation.Registered;
import dev.holdfast.application.notice.Notification;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.domain.problem.ProblemException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The paths of a database lead elsewhere, and an admin accepts that or not. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ConfirmLocationTest {
    private static final DatabaseName NAME = new DatabaseName("shop");
    private static final DatabaseName STORE = new DatabaseName("store");
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-21T08:00:00Z"));
    private static final Path FILE = Path.of("/srv/shop.db");
    private static final Path EXTRA = Path.of("/srv/extra.db");
    private static final Path CIRCLE = Path.of("/a/link/to/itself");
    private static final Path FORBIDDEN = Path.of("/data/holdfast.db");

    private final Map<Path, Path> links = new HashMap<>();
    private final KnownLocations known = KnownLocations.inMemory();
    private final Set<DatabaseName> asked = new HashSet<>();
    private final InMemoryPlanStore audit = new InMemoryPlanStore();
    private final Locations locations = new Locations(known, new Places() {
        @Override
        public Path resolve(DatabaseName database, Path registered) {
            Path resolved = links.getOrDefault(registered, registered);
            if (resolved.equals(CIRCLE)) {
                throw new ProblemException(new Problem.SourceNotAccessible("too many links"));
            }
            return resolved;
        }

        @Override
        public void requireOwn(DatabaseName database, Path registered, Path resolved) {
            asked.add(database);
            if (resolved.equals(FORBIDDEN)) {
                throw new ProblemException(new Problem.SourceNotAccessible("belongs to the server itself"));
            }
        }
    });
    private Source source = new Source(FILE, List.of(EXTRA), List.of());

    @BeforeEach
    void the_first_start() {
        begin();
        assertThat(audit.newest(10)).isEmpty();
    }

    private void begin() {
        begin(Map.of(NAME, source));
    }

    private void begin(Map<DatabaseName, Source> registered) {
        Locations.Beginning beginning = locations.begin(registered, audit, CLOCK);
        registered.keySet().forEach(beginning::begin);
    }

    private static Source only(Path file) {
        return new Source(file, List.of(), List.of());
    }

    private Outcome<Confirmation> confirm(String resolved) {
        return confirm(new Registered(NAME, source), resolved);
    }

    private Outcome<Confirmation> confirm(Registered registered, String resolved) {
        return ConfirmLocation.using(_ -> Outcome.done(registered), locations, audit, CLOCK)
                .confirm(registered.name().value(), resolved, "ann");
    }

    private static ProblemCode code(Outcome<?> outcome) {
        return switch (outcome) {
            case Outcome.Refused<?>(Problem problem) -> problem.code();
            case Outcome.Done<?> done -> throw new AssertionError(done.toString());
        };
    }

    @Test
    void a_path_that_leads_elsewhere_is_refused_until_the_place_is_confirmed() {
        links.put(FILE, Path.of("/mnt/shop.db"));
        begin(); // a restart accepts nothing
        assertThat(locations.problem(NAME, source))
                .contains(new Problem.LocationChanged(NAME, FILE, FILE, Path.of("/mnt/shop.db")));
        assertThat(confirm("/mnt/shop.db"))
                .isEqualTo(
                        Outcome.done(new Confirmation(NAME, List.of(new Moved(FILE, FILE, Path.of("/mnt/shop.db"))))));
        assertThat(locations.problem(NAME, source)).isEmpty();
        assertThat(audit.newest(10))
                .extracting(AuditEntry::who, AuditEntry::action)
                .containsExactly(tuple("ann", "location.confirm"));
    }

    @Test
    void a_place_that_has_changed_again_is_not_confirmed() {
        links.put(FILE, Path.of("/mnt/other.db"));
        assertThat(code(confirm("/mnt/shop.db"))).isEqualTo(ProblemCode.PRECONDITION_FAILED);
        assertThat(code(confirm(""))).isEqualTo(ProblemCode.INVALID_ARGUMENT);
        assertThat(known.find(FILE)).contains(new KnownLocation(NAME, FILE, FILE));
        assertThat(audit.newest(10)).isEmpty();
    }

    @Test
    void a_place_of_the_server_cannot_be_confirmed() {
        links.put(EXTRA, FORBIDDEN);
        assertThat(code(confirm(FORBIDDEN.toString()))).isEqualTo(ProblemCode.SOURCE_NOT_ACCESSIBLE);
        assertThat(locations.problem(NAME, source)).map(Problem::code).contains(ProblemCode.SOURCE_NOT_ACCESSIBLE);
        assertThat(audit.newest(10)).isEmpty();
    }

    @Test
    void without_a_change_nothing_is_confirmed() {
        assertThat(confirm("")).isEqualTo(Outcome.done(new Confirmation(NAME, List.of())));
        assertThat(confirm("/mnt/shop.db")).isEqualTo(Outcome.done(new Confirmation(NAME, List.of())));
        assertThat(audit.newest(10)).isEmpty();
    }

    @Test
    void other_settings_are_accepted_at_the_start_and_recorded() {
        Path now = Path.of("/srv/new.db");
        source = new Source(now, List.of(EXTRA), List.of());
        links.put(now, Path.of("/mnt/new.db"));
        begin();
        assertThat(locations.problem(NAME, source)).isEmpty();
        assertThat(known.all())
                .containsExactlyInAnyOrder(
                        new KnownLocation(NAME, now, Path.of("/mnt/new.db")), new KnownLocation(NAME, EXTRA, EXTRA));
        assertThat(audit.newest(10)).extracting(AuditEntry::action).containsExactly("location.settings");
    }

    @Test
    void a_path_of_a_renamed_database_stays_known_when_the_name_is_used_again() {
        begin(Map.of(STORE, only(FILE)));
        links.put(FILE, Path.of("/home/other/private.db"));
        begin(Map.of(NAME, only(Path.of("/srv/new.db")), STORE, only(FILE)));
        assertThat(known.find(FILE)).contains(new KnownLocation(STORE, FILE, FILE));
        assertThat(locations.problem(STORE, only(FILE))).map(Problem::code).contains(ProblemCode.LOCATION_CHANGED);
    }

    @Test
    void a_renamed_database_is_confirmed_under_its_present_name() {
        asked.clear();
        links.put(FILE, Path.of("/mnt/shop.db"));
        var renamed = new Registered(STORE, only(FILE));
        assertThat(locations.problem(STORE, renamed.source()))
                .contains(new Problem.LocationChanged(STORE, FILE, FILE, Path.of("/mnt/shop.db")));
        assertThat(confirm(renamed, "/mnt/shop.db")).isInstanceOf(Outcome.Done.class);
        assertThat(known.find(FILE)).contains(new KnownLocation(STORE, FILE, Path.of("/mnt/shop.db")));
        assertThat(asked).containsExactly(STORE);
    }

    @Test
    void databases_that_exchange_their_paths_keep_what_is_known_of_them() {
        begin(Map.of(NAME, only(FILE), STORE, only(EXTRA)));
        begin(Map.of(NAME, only(EXTRA), STORE, only(FILE)));
        assertThat(known.all())
                .containsExactlyInAnyOrder(new KnownLocation(NAME, EXTRA, EXTRA), new KnownLocation(STORE, FILE, FILE));
        assertThat(audit.newest(10)).extracting(AuditEntry::database).contains(Optional.of(NAME), Optional.of(STORE));
    }

    @Test
    void a_known_path_that_leads_in_a_circle_stops_no_start_and_is_reported() {
        links.put(FILE, CIRCLE);
        begin();
        assertThat(known.find(FILE)).contains(new KnownLocation(NAME, FILE, FILE));
        assertThat(locations.problem(NAME, source)).map(Problem::code).contains(ProblemCode.SOURCE_NOT_ACCESSIBLE);
        List<Notification> sent = new ArrayList<>();
        new LocationNotices(locations::problem, sent::add, Map.of(NAME, source), CLOCK).look();
        assertThat(sent).extracting(Notification::kind).containsExactly(Notification.Kind.FAILURE);
    }

    @Test
    void a_path_that_cannot_be_accepted_at_its_first_start_is_known_as_it_is_written() {
        var two = new Source(Path.of("/srv/a.db"), List.of(Path.of("/srv/b.db")), List.of());
        links.put(Path.of("/srv/a.db"), CIRCLE);
        links.put(Path.of("/srv/b.db"), FORBIDDEN);
        begin(Map.of(STORE, two));
        links.put(Path.of("/srv/a.db"), Path.of("/home/other/private.db"));
        links.put(Path.of("/srv/b.db"), Path.of("/home/other/private.db"));
        begin(Map.of(STORE, two));
        assertThat(locations.newPlaces(STORE, two)).containsExactly(Path.of("/home/other/private.db"));
        links.clear();
        assertThat(locations.problem(STORE, two)).isEmpty();
    }

    @Test
    void each_change_is_sent_once_and_its_end_too() {
        List<Notification.Kind> sent = new ArrayList<>();
        var notices =
                new LocationNotices(locations::problem, notice -> sent.add(notice.kind()), Map.of(NAME, source), CLOCK);
        notices.look();
        links.put(FILE, Path.of("/mnt/shop.db"));
        notices.look();
        notices.look();
        links.clear();
        notices.look();
        assertThat(sent).containsExactly(Notification.Kind.FAILURE, Notification.Kind.RECOVERED);
    }
}
