package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.ListBackups.Page;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.ProblemCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of the list of backups. */
@Tag("unit")
class ListBackupsTest extends BackupUseCasesFixture {
    private BackupKey add(String name, Instant createdAt) {
        var key = new BackupKey(name);
        store.add(new Backup(
                key,
                NAME,
                1,
                createdAt,
                Optional.empty(),
                Origin.MANUAL,
                Layout.SQLITE,
                new Verification.Unchecked(),
                false,
                Backup.Labels.NONE));
        return key;
    }

    private Outcome<Page> list(int pageSize, String pageToken) {
        return useCases(Map.of()).list().list("default", pageSize, pageToken);
    }

    private Page page(int pageSize, String pageToken) {
        return ((Outcome.Done<Page>) list(pageSize, pageToken)).value();
    }

    private static List<BackupKey> keys(Page page) {
        return page.backups().stream().map(Backup::key).toList();
    }

    private static ProblemCode code(Outcome<?> outcome) {
        return ((Outcome.Refused<?>) outcome).problem().code();
    }

    @Test
    void a_database_without_backups_has_one_empty_page() {
        assertThat(page(0, "")).isEqualTo(new Page(List.of(), ""));
    }

    @Test
    void the_newest_backup_comes_first_and_of_the_same_time_the_later_name() {
        BackupKey early = add("app_1.db", NOON.minusSeconds(1));
        BackupKey first = add("app_2.db", NOON);
        BackupKey second = add("app_2_1.db", NOON);

        assertThat(keys(page(0, ""))).containsExactly(second, first, early);
    }

    @Test
    void the_pages_hold_each_backup_once_and_the_last_one_has_no_token() {
        List<BackupKey> newestFirst = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            newestFirst.addFirst(add("app_" + i + ".db", NOON.plusSeconds(i / 2)));
        }

        List<BackupKey> listed = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        String token = "";
        do {
            Page page = page(3, token);
            listed.addAll(keys(page));
            sizes.add(page.backups().size());
            token = page.nextPageToken();
        } while (!token.isEmpty());

        assertThat(listed).isEqualTo(newestFirst);
        assertThat(sizes).containsExactly(3, 3, 1);
    }

    @Test
    void a_page_goes_on_behind_the_one_before_although_backups_came_and_went() {
        BackupKey oldest = add("app_1.db", NOON);
        add("app_2.db", NOON.plusSeconds(2));
        BackupKey last = add("app_3.db", NOON.plusSeconds(3));
        String token = page(1, "").nextPageToken();
        store.delete(last);
        add("app_4.db", NOON.plusSeconds(4));
        store.delete(new BackupKey("app_2.db"));

        assertThat(keys(page(1, token))).containsExactly(oldest);
    }

    @Test
    void a_page_that_is_larger_than_the_limit_is_cut_to_it() {
        for (int i = 0; i <= ListBackups.LARGEST_PAGE; i++) {
            add("app_" + i + ".db", NOON.plusSeconds(i));
        }

        Page cut = page(ListBackups.LARGEST_PAGE + 1, "");

        assertThat(cut.backups()).hasSize(ListBackups.LARGEST_PAGE);
        assertThat(keys(page(0, cut.nextPageToken()))).containsExactly(new BackupKey("app_0.db"));
    }

    @Test
    void a_negative_page_size_is_rejected() {
        assertThat(code(list(-1, ""))).isEqualTo(ProblemCode.INVALID_ARGUMENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "YWJj", "MjAyNi0wNC0xM1QxMjowMDowMFovLi4vYQ", "L2E"})
    void a_page_token_from_elsewhere_is_rejected(String token) {
        BackupFixture.put(store, KEY, "content");

        assertThat(code(list(1, token))).isEqualTo(ProblemCode.INVALID_ARGUMENT);
    }

    @Test
    void a_database_that_is_not_registered_is_not_found() {
        assertThat(code(useCases(Map.of()).list().list("shop", 0, ""))).isEqualTo(ProblemCode.DATABASE_NOT_FOUND);
    }
}
