package dev.holdfast.catalogue;

import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.audit.AuditBounds;
import dev.holdfast.application.audit.AuditLog;
import dev.holdfast.application.location.KnownLocations;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.plan.PlanStore;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.application.store.KnownStores;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Holdfast's own SQLite file. Several processes may have it open at once: what one of them writes, the others read
 * from then on. Nothing is cached. Safe for use by several threads.
 *
 * <p>All that it hands out throws {@link CatalogueException} when the file cannot be read or written, among others
 * after another process has held it locked for five seconds.
 */
public final class Catalogue implements AutoCloseable {
    private final Session writing;
    private final Session reading;
    private final OperationLog operations;
    private final Accounts accounts;
    private final AuditTable audit;
    private final PlanTables plans;

    private Catalogue(Session writing, Session reading, Optional<AuditBounds> bounds) {
        this.writing = writing;
        this.reading = reading;
        this.operations = new OperationTable(writing, reading);
        this.accounts = new AccountTables(writing, reading);
        this.audit = new AuditTable(writing, reading, bounds);
        this.plans = new PlanTables(writing, reading, audit);
    }

    /**
     * Opens the catalogue, makes it if it is missing, and brings an older one up to date. A new file has mode 0600
     * from its first moment on. The whole file is checked, so opening takes the longer the larger it is.
     *
     * @param file in a folder that exists
     * @throws CatalogueException if it cannot be made or opened, is damaged, is not a catalogue, or was written by a
     *     newer Holdfast; what it holds stays as it is
     */
    public static Catalogue open(Path file) {
        return open(file, Optional.empty());
    }

    /** As {@link #open(Path)}, for the server, which also removes what its audit does not keep. */
    public static Catalogue open(Path file, AuditBounds bounds) {
        return open(file, Optional.of(bounds));
    }

    private static Catalogue open(Path file, Optional<AuditBounds> bounds) {
        CatalogueFile catalogue = new CatalogueFile(file.toAbsolutePath());
        catalogue.createIfMissing();
        Session writing = catalogue.connectForWriting();
        try {
            // A second connection, so that a read never waits for the lock that another process's write holds up.
            return new Catalogue(writing, catalogue.connectForReading(), bounds);
        } catch (RuntimeException e) {
            writing.closeAfter(e);
            throw e;
        }
    }

    public OperationLog operations() {
        return operations;
    }

    public Accounts accounts() {
        return accounts;
    }

    public PlanStore plans() {
        return plans;
    }

    public AuditLog audit() {
        return audit;
    }

    public DialectDocuments documents() {
        return new DocumentTable(writing, reading);
    }

    public KnownStores stores() {
        return new StoreTable(writing, reading);
    }

    public KnownLocations locations() {
        return new LocationTable(writing, reading);
    }

    /** Waits for the calls that are under way; later ones throw {@link CatalogueException}. Idempotent. */
    @Override
    public void close() {
        try (writing) {
            reading.close();
        }
    }
}
