package dev.holdfast.application.plan;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A plan, or a part of one, as texts by name: {@code schedule.kind=daily}, {@code retention.last=7}. The one form in
 * which settings, requests and the catalogue hold a plan; {@link PlanReader} knows what the names mean.
 */
public record PlanTerms(SortedMap<String, String> values) {
    public static final PlanTerms NONE = new PlanTerms(new TreeMap<>());

    /** Names that only make sense together: whoever sets one of them anew replaces all. */
    private static final List<String> GROUPS = List.of("schedule.", "drill.");

    public PlanTerms {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    public static PlanTerms of(Map<String, String> values) {
        return new PlanTerms(new TreeMap<>(values));
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** These terms where {@code above} says nothing. */
    PlanTerms under(PlanTerms above) {
        var merged = new TreeMap<>(values);
        for (String group : GROUPS) {
            if (above.values.containsKey(group + "kind")) {
                merged.keySet().removeIf(it -> it.startsWith(group));
            }
        }
        merged.putAll(above.values);
        return new PlanTerms(merged);
    }

    /** @param change empty values take a term back, and with a group's {@code kind} all of the group */
    PlanTerms changed(Map<String, Optional<String>> change) {
        var changed = new TreeMap<>(values);
        for (String group : GROUPS) {
            if (change.containsKey(group + "kind")) {
                changed.keySet().removeIf(it -> it.startsWith(group));
            }
        }
        change.forEach((name, value) -> value.ifPresentOrElse(it -> changed.put(name, it), () -> changed.remove(name)));
        return new PlanTerms(changed);
    }
}
