package dev.holdfast.application.location;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Where the registered paths lead, remembered across restarts. What another process writes is read from then on. Each
 * registered path belongs to one database, whatever that is called. Safe for use by several threads.
 */
public interface KnownLocations {
    Optional<KnownLocation> find(Path registered);

    List<KnownLocation> all();

    /** Replaces what was remembered of the same registered path. */
    void remember(KnownLocation location);

    /**
     * As {@link #remember}, if what is remembered is still {@code before}.
     *
     * @return whether it was; if not, nothing is changed
     */
    boolean replace(KnownLocation before, KnownLocation now);

    void forget(Path registered);

    /** Returns a memory that ends with the process. */
    static KnownLocations inMemory() {
        ConcurrentMap<Path, KnownLocation> locations = new ConcurrentHashMap<>();
        return new KnownLocations() {
            @Override
            public Optional<KnownLocation> find(Path registered) {
                return Optional.ofNullable(locations.get(registered));
            }

            @Override
            public List<KnownLocation> all() {
                return List.copyOf(locations.values());
            }

            @Override
            public void remember(KnownLocation location) {
                locations.put(location.registered(), location);
            }

            @Override
            public boolean replace(KnownLocation before, KnownLocation now) {
                return locations.replace(before.registered(), before, now);
            }

            @Override
            public void forget(Path registered) {
                locations.remove(registered);
            }
        };
    }
}
