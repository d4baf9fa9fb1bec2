package dev.holdfast.catalogue;

import static java.util.stream.IntStream.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.AccountsInMemory;
import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.PlainHashing;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.audit.AuditBounds;
import dev.holdfast.application.audit.AuditLog;
import dev.holdfast.application.audit.AuditTrail;
import dev.holdfast.application.audit.ListAudit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.PlanStore;
import dev.holdfast.application.plan.RepeatedEntry;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("NullAway.Init") // each test opens the catalogue with bounds of its own
class CatalogueAuditTest {
    private static final Instant NOON = Instant.parse("2026-04-13T12:00:00Z");
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final String ADDRESS = "192.0.2.7";

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(NOON);
    private Catalogue catalogue;

    @AfterEach
    void close() {
        catalogue.close();
    }

    private AuditLog open(int keepCount) {
        catalogue = Catalogue.open(file(), new AuditBounds(Duration.ofDays(365), keepCount));
        var administer = AdministerAccounts.using(catalogue.accounts(), new PlainHashing(), clock, new Random(1));
        administer.addUser("ann", Role.ADMIN, "right password");
        administer.addUser("vera", Role.VIEWER, "right password");
        administer.addUser("otto", Role.OPERATOR, "right password");
        return catalogue.audit();
    }

    private AuditEntry of(String who, String action, String object) {
        return new AuditEntry(
                        clock.instant(),
                        who,
                        action,
                        Optional.of(SHOP),
                        Optional.of(object),
                        AuditEntry.SUCCEEDED,
                        "a key of " + who)
                .from(ADDRESS);
    }

    private Path file() {
        return folder.resolve("holdfast.db");
    }

    private AuditEntry action(String detail) {
        return new AuditEntry(clock.instant(), "ann", "backup.delete", SHOP, detail).from(ADDRESS);
    }

    private static Backup backup(String name) {
        return new Backup(
                new BackupKey(name),
                SHOP,
                100,
                NOON,
                Optional.empty(),
                Origin.MANUAL,
                Layout.SQLITE,
                new Verification.Unchecked(),
                false,
                Backup.Labels.NONE);
    }

    @Test
    void an_entry_is_read_as_it_was_written_whatever_it_has() {
        AuditLog log = open(100);
        var all = new AuditEntry(
                NOON,
                NOON.plusSeconds(9),
                "Zürich \ud83d\udc18\n'",
                Optional.of("2001:db8::1"),
                "backup.pin",
                Optional.of(SHOP),
                Optional.of("a.db"),
                "backup-pinned",
                7,
                "text");
        var least = new AuditEntry(NOON, "", "sign-in", Optional.empty(), Optional.empty(), AuditEntry.SUCCEEDED, "");
        log.add(all);
        log.add(least);

        assertThat(log.newest(10)).containsExactly(least, all);
        close();
        assertThat(open(100).newest(10)).containsExactly(least, all);
    }

    @Test
    void entries_of_an_earlier_version_are_there_after_the_upgrade() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            Schema current = Schema.current(file());
            new Schema(file(), current.scripts().subList(0, 5)).migrate(connection);
            Sql.execute(connection, """
                    INSERT INTO audit (at, who, action, database, detail)
                    VALUES ('2026-04-13T12:00:00.000000000Z', 'ann', 'plan.change', 'shop', 'first'),
                        ('2026-04-13T12:00:00.000000000Z', 'bob', 'store.confirm', 'shop', 'second')
                    """);
        }
        AuditLog log = open(100);

        log.add(action("third"));

        assertThat(log.newest(10))
                .containsExactly(
                        action("third"),
                        new AuditEntry(NOON, "bob", "store.confirm", SHOP, "second"),
                        new AuditEntry(NOON, "ann", "plan.change", SHOP, "first"));
    }

    @Test
    void one_action_again_and_again_is_one_entry_an_hour_for_each_account_address_and_object() {
        var trail = new AuditTrail(open(1_000), Optional::empty);
        for (int i = 0; i < 50; i++) {
            trail.add(of("vera", "api-key.generate", "tv"));
            clock.advance(Duration.ofSeconds(1));
        }
        trail.add(of("vera", "api-key.generate", "tv").from("192.0.2.8"));
        trail.add(of("vera", "api-key.revoke", "tv"));
        trail.add(of("otto", "api-key.generate", "tv"));
        trail.add(of("vera", "api-key.generate", "radio"));
        clock.advance(Duration.ofHours(1));
        trail.add(of("vera", "api-key.generate", "tv"));

        List<AuditEntry> entries = trail.newest(1000);
        assertThat(entries).extracting(AuditEntry::count).containsExactly(1L, 1L, 1L, 1L, 1L, 50L);
        AuditEntry counted = entries.getLast();
        assertThat(counted.at()).isEqualTo(NOON);
        assertThat(counted.until()).isEqualTo(NOON.plusSeconds(49));
        assertThat(counted.detail()).isEqualTo("a key of vera");
    }

    @Test
    void sign_ins_of_one_account_and_address_are_one_entry_an_hour() {
        var trail = new AuditTrail(open(1_000), Optional::empty);
        SignIn signIn =
                SignIn.using(catalogue.accounts(), new PlainHashing(), clock).auditedIn(trail, clock);
        range(0, 30).forEach(_ -> signIn.withPassword("vera", "right password", ADDRESS));
        signIn.withPassword("vera", "right password", "192.0.2.8");

        assertThat(trail.newest(10)).extracting(AuditEntry::count).containsExactly(1L, 30L);
    }

    @Test
    void each_deletion_restore_and_change_of_accounts_keeps_an_entry_of_its_own() {
        AuditLog log = open(1_000);
        for (String action : List.of("backup.delete", "restore.foreign", "user.password", "location.confirm")) {
            range(0, 3).forEach(_ -> log.add(of("ann", action, "a.db")));
        }
        range(0, 3).forEach(i -> {
            log.begin(new OperationId("op-" + i), outcome(AuditEntry.STARTED).from(ADDRESS));
            log.end(new OperationId("op-" + i), outcome(AuditEntry.SUCCEEDED));
        });
        assertThat(log.newest(100)).hasSize(15).allMatch(it -> it.count() == 1);

        range(0, 3)
                .forEach(_ -> log.add(new AuditEntry(
                        NOON, "ann", "backup.delete", Optional.of(SHOP), Optional.of("b.db"), "backup-pinned", "")));

        assertThat(log.newest(100))
                .hasSize(16)
                .first()
                .satisfies(it -> assertThat(it.count()).isEqualTo(3));
    }

    @Test
    void an_account_of_a_low_role_pushes_out_no_entry_of_another_account() {
        AuditLog log = open(200);
        range(0, 121).forEach(i -> log.add(of("ann", "backup.pin", "a" + i)));
        range(0, 15).forEach(i -> log.add(of("otto", "backup.download", "o" + i)));
        range(0, 10).forEach(i -> log.count(RepeatedEntry.failedSignIn(NOON, "n" + i, ADDRESS, "unauthenticated")));
        log.count(RepeatedEntry.refusal(NOON, "otto", ADDRESS, "DELETE /api/v1/backup/a.db"));
        List<AuditEntry> earlier = log.newest(1000);
        assertThat(earlier).hasSize(146);

        log.begin(new OperationId("op-1"), of("vera", "restore", "a.db"));
        for (int i = 0; i < 40; i++) {
            log.add(of("vera", "api-key.generate", "v" + i));
            log.count(RepeatedEntry.refusal(NOON, "vera", "2001:db8::" + i, "DELETE /api/v1/backup/a.db"));
        }

        assertThat(log.newest(1000)).containsAll(earlier);
        assertThat(log.newest(1000))
                .filteredOn(it -> it.who().equals("vera"))
                .hasSize(22)
                .as("what keeps an entry of its own goes last")
                .anyMatch(it -> it.action().equals("restore"));
    }

    @Test
    void the_accounts_with_the_most_entries_make_room_for_the_others() {
        AuditLog log = open(100);
        List<String> names = List.of("vera", "otto", "provider:1", "provider:2", "provider:3");
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            range(0, i == 0 ? 2 : 9).forEach(object -> log.add(of(name, "backup.download", "b" + object)));
        }

        assertThat(names)
                .extracting(name -> log.newest(1000).stream()
                        .filter(it -> it.who().equals(name))
                        .count())
                .containsExactly(2L, 7L, 7L, 7L, 7L);
    }

    @Test
    void actions_of_admins_have_six_tenths_of_the_bound_and_the_oldest_go() {
        AuditLog log = open(100);
        range(0, 150).forEach(i -> log.add(action("action " + i)));

        assertThat(log.newest(1000))
                .hasSize(60)
                .startsWith(action("action 149"))
                .endsWith(action("action 90"));
    }

    @Test
    void a_plan_change_counts_towards_the_bound_too() {
        open(10);
        range(0, 12).forEach(i -> catalogue.audit().add(action("action " + i)));
        var kept = new PlanStore.Kept(PlanProperties.NONE, "ann", NOON);
        catalogue.plans().keep(SHOP, kept, action("plan"));

        assertThat(catalogue.audit().newest(1000))
                .hasSize(6)
                .startsWith(action("plan"))
                .endsWith(action("action 7"));
    }

    @Test
    void another_process_only_adds_and_the_server_removes() {
        AuditLog log = open(10);
        try (Catalogue other = Catalogue.open(file())) {
            range(0, 30).forEach(i -> other.audit().add(action("other " + i)));
        }
        assertThat(log.newest(1000)).hasSize(30);

        log.trim(NOON);

        assertThat(log.newest(1000)).hasSize(6).endsWith(action("other 24"));
    }

    @Test
    void ten_thousand_failed_sign_ins_of_random_names_leave_every_earlier_entry() {
        AuditLog log = open(450);
        var trail = new AuditTrail(log, Optional::empty);
        range(0, 270).forEach(i -> trail.add(action("earlier " + i)));
        trail.count(RepeatedEntry.refusal(NOON, "vera", ADDRESS, "DELETE /api/v1/backup/a.db"));
        var accounts = new AccountsInMemory();
        AdministerAccounts.using(accounts, new PlainHashing(), clock, new Random(1))
                .addUser("ann", Role.ADMIN, "right password");
        SignIn signIn = SignIn.using(accounts, new PlainHashing(), clock).auditedIn(trail, clock);
        var random = new Random(2);
        for (int i = 0; i < 10_000; i++) {
            String name = "name" + random.nextLong() + "x".repeat(random.nextInt(300));
            assertThat(signIn.withPassword(name, "secret of a stranger", "198.51.100." + i % 20))
                    .isInstanceOf(Outcome.Refused.class);
            clock.advance(Duration.ofMillis(10));
        }

        List<AuditEntry> entries = trail.newest(1000);
        assertThat(entries).hasSizeLessThanOrEqualTo(315);
        assertThat(entries).filteredOn(it -> it.detail().startsWith("earlier")).hasSize(270);
        assertThat(entries).filteredOn(it -> it.action().equals("call")).hasSize(1);
        assertThat(entries).filteredOn(it -> it.action().equals("sign-in")).hasSizeBetween(20, 44);
        assertThat(entries).allMatch(it -> it.who().length() <= AuditEntry.MAX_TEXT);
        assertThat(entries.toString()).doesNotContain("secret of a stranger", "right password");
    }

    @Test
    void failed_sign_ins_of_one_name_and_address_are_one_entry_in_fifteen_minutes() {
        var trail = new AuditTrail(open(1_000), Optional::empty);
        SignIn signIn =
                SignIn.using(new AccountsInMemory(), new PlainHashing(), clock).auditedIn(trail, clock);
        range(0, 30).forEach(_ -> signIn.withPassword("ann", "wrong", ADDRESS));
        signIn.withPassword("ann", "wrong", "192.0.2.8");
        assertThat(trail.newest(10))
                .extracting(AuditEntry::who, it -> it.address().orElse(""), AuditEntry::outcome, AuditEntry::count)
                .containsExactlyInAnyOrder(
                        tuple("ann", ADDRESS, "unauthenticated", 30L),
                        tuple("ann", "192.0.2.8", "unauthenticated", 1L));

        clock.advance(Duration.ofMinutes(16));
        signIn.withPassword("ann", "wrong", ADDRESS);

        assertThat(trail.newest(10))
                .hasSize(3)
                .first()
                .satisfies(it -> assertThat(it.count()).isEqualTo(1));
    }

    @Test
    void ten_thousand_ranges_of_one_download_are_one_entry_in_an_hour() {
        AuditLog log = open(1_000);
        var trail = new AuditTrail(log, Optional::empty);
        range(0, 50).forEach(i -> trail.add(action("earlier " + i)));
        for (int i = 0; i < 10_000; i++) {
            trail.count(RepeatedEntry.download(clock.instant(), "ann", ADDRESS, backup("a.db")));
            clock.advance(Duration.ofMillis(100));
            if (i % 1000 == 0) {
                trail.flush();
            }
        }
        trail.count(RepeatedEntry.download(clock.instant(), "ann", ADDRESS, backup("b.db")));
        trail.count(RepeatedEntry.download(clock.instant(), "otto", "192.0.2.8", backup("a.db")));
        trail.count(RepeatedEntry.download(clock.instant(), "ann", "192.0.2.9", backup("a.db")));

        List<AuditEntry> entries = trail.newest(1000);
        assertThat(entries).hasSize(53);
        AuditEntry all = entries.get(2);
        assertThat(all.count()).isEqualTo(10_001);
        assertThat(all.address()).contains(ADDRESS);
        assertThat(all.detail()).isEqualTo("last from 192.0.2.9");
        assertThat(Duration.between(all.at(), all.until())).isEqualTo(Duration.ofSeconds(1_000));

        clock.advance(Duration.ofHours(1));
        trail.count(RepeatedEntry.download(clock.instant(), "ann", ADDRESS, backup("a.db")));
        assertThat(trail.newest(1000)).hasSize(54);
    }

    @Test
    void refusals_make_failed_sign_ins_go_and_not_the_other_way_round() {
        AuditLog log = open(100);
        range(0, 8)
                .forEach(i -> log.count(RepeatedEntry.refusal(NOON, "vera" + i, ADDRESS, "DELETE /api/v1/backup/a")));
        range(0, 50).forEach(i -> log.count(RepeatedEntry.failedSignIn(NOON, "n" + i, ADDRESS, "unauthenticated")));
        assertThat(log.newest(100)).filteredOn(it -> it.action().equals("call")).hasSize(8);
        assertThat(log.newest(100)).hasSize(10);

        range(8, 12)
                .forEach(i -> log.count(RepeatedEntry.refusal(NOON, "vera" + i, ADDRESS, "DELETE /api/v1/backup/a")));

        assertThat(log.newest(100)).hasSize(10).allMatch(it -> it.action().equals("call"));
    }

    @Test
    void the_entry_of_an_operation_gets_its_outcome_in_either_order() {
        AuditLog log = open(100);
        var first = new OperationId("op-1");
        var second = new OperationId("op-2");
        AuditEntry begun = outcome(AuditEntry.STARTED).from(ADDRESS);
        AuditEntry ended = outcome(AuditEntry.SUCCEEDED);

        log.begin(first, begun);
        assertThat(log.unended()).containsExactly(first);
        log.end(first, ended);
        log.end(second, ended);
        log.begin(second, begun);
        log.begin(second, begun); // a request that was sent again

        assertThat(log.unended()).isEmpty();
        assertThat(log.newest(10)).containsExactly(ended.from(ADDRESS), ended.from(ADDRESS));
    }

    private static AuditEntry outcome(String outcome) {
        return new AuditEntry(NOON, "ann", "restore", Optional.of(SHOP), Optional.of("a.db"), outcome, "");
    }

    @Test
    void what_is_older_than_the_bound_goes() {
        AuditLog log = open(100);
        log.add(action("old"));
        clock.advance(Duration.ofDays(364));
        log.add(action("young"));
        assertThat(log.newest(10)).hasSize(2);

        clock.advance(Duration.ofDays(2));
        log.trim(clock.instant());

        assertThat(log.newest(10)).extracting(AuditEntry::detail).containsExactly("young");
    }

    @Test
    void pages_together_are_the_whole_also_while_entries_are_added() {
        AuditLog log = open(1_000);
        var trail = new AuditTrail(log, Optional::empty);
        range(0, 25).forEach(i -> trail.add(action("action " + i)));
        List<String> seen = new ArrayList<>();
        String token = "";
        do {
            ListAudit.Page page = page(trail.list(10, token));
            page.entries().forEach(it -> seen.add(it.detail()));
            token = page.nextPageToken();
            trail.add(action("later"));
        } while (!token.isEmpty());

        assertThat(seen)
                .hasSize(25)
                .startsWith("action 24")
                .endsWith("action 0")
                .doesNotHaveDuplicates();
        for (String wrong : List.of("x", "-1", "1.5", "9".repeat(30))) {
            assertThat(trail.list(10, wrong)).as(wrong).isInstanceOf(Outcome.Refused.class);
        }
        assertThat(trail.list(-1, "")).isInstanceOf(Outcome.Refused.class);
        assertThat(page(trail.list(0, "")).entries()).hasSize(28);
    }

    private static ListAudit.Page page(Outcome<ListAudit.Page> outcome) {
        return switch (outcome) {
            case Outcome.Done<ListAudit.Page>(var page) -> page;
            case Outcome.Refused<ListAudit.Page>(var problem) -> throw new AssertionError(problem.detail());
        };
    }

    @Test
    void an_audit_that_cannot_be_written_or_read_stops_nothing() {
        AuditLog log = open(100);
        var trail = new AuditTrail(log, Optional::empty);
        catalogue.close();

        trail.add(action("lost"));
        trail.count(RepeatedEntry.download(NOON, "ann", ADDRESS, backup("a.db")));
        trail.flush();

        close();
        assertThat(open(100).newest(10)).isEmpty();
    }
}
