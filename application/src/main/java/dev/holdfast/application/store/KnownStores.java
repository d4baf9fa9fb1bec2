package dev.holdfast.application.store;

import dev.holdfast.domain.identity.DatabaseName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The stores that belong to the databases, remembered across restarts. Every method that writes is durable when it
 * returns, or throws. What another process writes is read from then on. Safe for use by several threads.
 */
public interface KnownStores {
    Optional<KnownStore> find(DatabaseName database, String store);

    List<KnownStore> all();

    /** Replaces what was remembered of the same database and store. */
    void remember(KnownStore known);

    /**
     * As {@link #remember}, if what is remembered is still {@code before}.
     *
     * @return whether it was; if not, nothing is changed
     */
    boolean replace(Optional<KnownStore> before, KnownStore known);

    /** As {@link #remember}, for what is not lost with its row: a power cut may leave the row as it was before. */
    default void rememberSoon(KnownStore known) {
        remember(known);
    }

    /**
     * Moves what was remembered under {@code former} to the database and store of {@code known}, with everything else
     * that is recorded of the database by its name and not yet of the new name. All or nothing.
     */
    void rename(DatabaseName former, KnownStore known);

    /** Returns a memory that ends with the process. */
    static KnownStores inMemory() {
        Map<String, KnownStore> stores = new ConcurrentHashMap<>();
        return new KnownStores() {
            @Override
            public Optional<KnownStore> find(DatabaseName database, String store) {
                return Optional.ofNullable(stores.get(key(database, store)));
            }

            @Override
            public List<KnownStore> all() {
                return List.copyOf(stores.values());
            }

            @Override
            public void remember(KnownStore known) {
                stores.put(key(known.database(), known.store()), known);
            }

            @Override
            public boolean replace(Optional<KnownStore> before, KnownStore known) {
                String key = key(known.database(), known.store());
                return before.isPresent()
                        ? stores.replace(key, before.get(), known)
                        : stores.putIfAbsent(key, known) == null;
            }

            @Override
            public void rename(DatabaseName former, KnownStore known) {
                stores.remove(key(former, known.store()));
                remember(known);
            }

            private static String key(DatabaseName database, String store) {
                return database + "/" + store;
            }
        };
    }
}
