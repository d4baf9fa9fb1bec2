package dev.holdfast.application.access;

import java.util.LinkedHashMap;
import java.util.Map;

/** The {@code most} places that were added last, in memory. Safe for use by several threads. */
final class RecentAddresses {
    private final Map<String, Boolean> places;

    RecentAddresses(int most) {
        this.places = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                return size() > most;
            }
        };
    }

    synchronized void add(String place) {
        places.remove(place);
        places.put(place, true);
    }

    synchronized boolean contains(String place) {
        return places.containsKey(place);
    }
}
