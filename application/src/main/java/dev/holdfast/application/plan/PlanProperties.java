package dev.holdfast.application.plan;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A plan, or a part of one, as texts by name: {@code schedule.kind=daily}, {@code retention.last=7}. The one form in
 * which settings, requests and the catalogue hold a plan; {@link PlanParser} knows what the names mean.
 */
public record PlanProperties(SortedMap<String, String> values) {
    public static final PlanProperties NONE = new PlanProperties(new TreeMap<>());

    /** Names that only make sense together: whoever sets one of them anew replaces all. */
    private static final List<String> GROUPS = List.of("schedule.", "drill.");

    public PlanProperties {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    public static PlanProperties of(Map<String, String> values) {
        return new PlanProperties(new TreeMap<>(values));
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** These terms where {@code above} says nothing. */
    PlanProperties under(PlanProperties above) {
        var merged = new TreeMap<>(values);
        for (String group : GROUPS) {
            if (above.values.containsKey(group + "kind")) {
                merged.keySet().removeIf(it -> it.startsWith(group));
            }
        }
        merged.putAll(above.values);
        return new PlanProperties(merged);
    }

    /** @param change empty values take a term back, and with a group's {@code kind} all of the group */
    PlanProperties changed(Map<String, Optional<String>> change) {
        var changed = new TreeMap<>(values);
        for (String group : GROUPS) {
            if (change.containsKey(group + "kind")) {
                changed.keySet().removeIf(it -> it.startsWith(group));
            }
        }
        change.forEach((name, value) -> value.ifPresentOrElse(it -> changed.put(name, it), () -> changed.remove(name)));
        return new PlanProperties(changed);
    }
}
