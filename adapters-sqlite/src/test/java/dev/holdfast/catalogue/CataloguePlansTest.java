package dev.holdfast.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.PlanStore;
import dev.holdfast.application.plan.PlanStoreContract;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
class CataloguePlansTest extends PlanStoreContract {
    @TempDir
    Path folder;

    private Catalogue catalogue;

    @BeforeEach
    void open() {
        catalogue = Catalogue.open(file());
    }

    @AfterEach
    void close() {
        catalogue.close();
    }

    private Path file() {
        return folder.resolve("holdfast.db");
    }

    @Override
    protected PlanStore store() {
        return catalogue.plans();
    }

    @Override
    protected Audit audit() {
        return catalogue.audit();
    }

    @Override
    protected void reopen() {
        catalogue.close();
        open();
    }

    @Test
    void a_change_that_cannot_be_written_to_the_audit_is_not_kept_at_all() {
        var before = kept(Map.of("retention.last", "7"), "ann");
        store().keep(SHOP, before, entry("first"));
        var unwritable = new AuditEntry(Instant.MAX, "bob", "plan.change", SHOP, "second");

        assertThatThrownBy(() -> store().keep(SHOP, kept(Map.of("retention.last", "1"), "bob"), unwritable))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(store().find(SHOP)).contains(before);
        assertThat(audit().newest(10)).containsExactly(entry("first"));
    }

    @Test
    void a_drill_of_another_version_is_named_as_unreadable() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            Sql.execute(
                    connection,
                    "INSERT INTO drills (database, outcome, at, text) VALUES ('shop', 'HALF', '2026-01-01T00:00:00Z', '')");
        }
        assertThatThrownBy(() -> store().lastDrill(SHOP))
                .isInstanceOf(CatalogueException.class)
                .hasMessageContaining("HALF");
    }
}
