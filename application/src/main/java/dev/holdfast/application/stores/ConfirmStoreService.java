package dev.holdfast.application.stores;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.store.IdentifiedStore.Confirmed;
import dev.holdfast.application.store.KnownStore;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.stream.Collectors;

record ConfirmStoreService(
        Function<String, Outcome<DatabaseName>> databases, Stores stores, Audit audit, InstantSource clock)
        implements ConfirmStore {
    private static final System.Logger LOG = System.getLogger(ConfirmStoreService.class.getName());

    @Override
    public Outcome<Confirmation> confirm(String store, String database, String who) {
        return Outcome.attempt(() -> databases.apply(database).then(name -> confirm(store, name, who)));
    }

    private Outcome<Confirmation> confirm(String store, DatabaseName database, String who) {
        if (!store.equals(KnownStore.LOCAL)) {
            return Outcome.refused(new Problem.StoreNotFound(store));
        }
        Confirmed confirmed = stores.confirm(
                database,
                it -> audit.add(new AuditEntry(clock.instant(), who, "store.confirm", database, detail(store, it))));
        var confirmation = new Confirmation(store, database, confirmed);
        LOG.log(Level.INFO, "Store " + store + " is confirmed by " + who + ". " + confirmation.detail());
        return Outcome.done(confirmation);
    }

    private static String detail(String store, Confirmed confirmed) {
        return "store " + store + ", id " + confirmed.id() + ", databases "
                + confirmed.databases().stream()
                        .map(DatabaseName::value)
                        .sorted()
                        .collect(Collectors.joining(", "))
                + ", backups " + confirmed.backups();
    }
}
