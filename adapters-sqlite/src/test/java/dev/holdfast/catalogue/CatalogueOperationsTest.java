package dev.holdfast.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.OperationLog.Filter;
import dev.holdfast.application.operation.OperationLogContract;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
class CatalogueOperationsTest extends OperationLogContract {
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

    /** For other processes, and for what is looked for after them. */
    static Operation operation(String id) {
        return running(id, DATABASE, START);
    }

    @Override
    protected OperationLog emptyLog() {
        return catalogue.operations();
    }

    @Test
    void operations_outlive_the_catalogue_that_saved_them() {
        var operation = running("op-1", DATABASE, START);
        catalogue.operations().save(operation);
        catalogue.close();
        open();
        assertThat(catalogue.operations().find(operation.id())).contains(operation);
    }

    @Test
    void another_catalogue_on_the_file_sees_each_save_at_once() {
        try (Catalogue other = Catalogue.open(file())) {
            var operation = running("op-1", DATABASE, START);
            assertThat(other.operations().find(operation.id())).isEmpty();
            catalogue.operations().save(operation);
            assertThat(other.operations().find(operation.id())).contains(operation);
        }
    }

    @Test
    void a_time_that_could_not_be_kept_in_order_is_refused() {
        assertThatThrownBy(() -> catalogue.operations().save(running("op-1", DATABASE, Instant.MAX)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("year 0 to 9999");
    }

    @Test
    void every_list_and_the_last_backup_come_from_an_index_in_its_order() throws Exception {
        var after = Optional.of(running("op-1", DATABASE, START));
        var database = Optional.of(DATABASE);
        var state = Optional.of(OperationState.FAILED);
        assertThat(plan(OperationTable.query(Filter.ALL, after, 1).sql())).contains("operations_by_start (");
        assertThat(plan(OperationTable.query(new Filter(database, Optional.empty()), after, 1)
                        .sql()))
                .contains("operations_by_database (");
        assertThat(plan(OperationTable.query(new Filter(Optional.empty(), state), after, 1)
                        .sql()))
                .contains("operations_by_state (");
        assertThat(plan(OperationTable.query(new Filter(database, state), after, 1)
                        .sql()))
                .contains("operations_by_database_and_state (");
        var none = Optional.<DatabaseName>empty();
        var anyState = Optional.<OperationState>empty();
        var kind = Optional.of(OperationKind.DRILL);
        var ann = Optional.of("ann");
        assertThat(plan(OperationTable.query(new Filter(none, anyState, kind, Optional.empty()), after, 1)
                        .sql()))
                .contains("operations_by_kind (");
        assertThat(plan(OperationTable.query(new Filter(none, anyState, Optional.empty(), ann), after, 1)
                        .sql()))
                .contains("operations_by_requester (");
        assertThat(plan(OperationTable.query(new Filter(database, anyState, kind, Optional.empty()), after, 1)
                        .sql()))
                .contains("operations_by_database_and_kind (");
        assertThat(plan(OperationTable.query(new Filter(none, state, kind, ann), after, 1)
                        .sql()))
                .contains("USING INDEX");
        assertThat(plan(OperationTable.query(new Filter(database, state, kind, ann), after, 1)
                        .sql()))
                .contains("USING INDEX");
        assertThat(plan(OperationTable.LAST_BACKUP)).contains("backups_made (");
    }

    private String plan(String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            var steps = Sql.all(connection, row -> row.getString("detail"), "EXPLAIN QUERY PLAN " + sql);
            assertThat(steps).hasSize(1);
            return steps.getFirst();
        }
    }
}
