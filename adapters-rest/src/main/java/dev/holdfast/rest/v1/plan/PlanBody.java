package dev.holdfast.rest.v1.plan;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.domain.problem.Problem;
import io.micronaut.json.tree.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** A change of a plan as a client sends it: an object, whose inner objects become names with a dot. */
final class PlanBody {
    private static final int MOST_TERMS = 100;
    private static final int DEEPEST = 2;

    private final Map<String, Optional<String>> terms = new LinkedHashMap<>();

    private PlanBody() {}

    /** @param body null is an empty change */
    static Outcome<Map<String, Optional<String>>> read(@Nullable JsonNode body) {
        if (body == null) {
            return Outcome.done(Map.of());
        }
        if (!body.isObject()) {
            return wrong("body", "The body is a JSON object.");
        }
        var read = new PlanBody();
        return read.add("", body, 1).orElseGet(() -> Outcome.done(read.terms));
    }

    /** What is wrong, if something is. */
    private Optional<Outcome<Map<String, Optional<String>>>> add(String before, JsonNode object, int depth) {
        for (Map.Entry<String, JsonNode> member : object.entries()) {
            String name = before + member.getKey();
            JsonNode value = member.getValue();
            if (!member.getKey().matches("[A-Za-z_-]{1,40}") || terms.size() == MOST_TERMS) {
                return Optional.of(wrong("body", "The body has a member that no plan has."));
            }
            if (value.isObject() && depth < DEEPEST) {
                var wrong = add(name + ".", value, depth + 1);
                if (wrong.isPresent()) {
                    return wrong;
                }
            } else if (value.isNull()) {
                takeBack(name);
            } else {
                Optional<String> text = text(value);
                if (text.isEmpty()) {
                    return Optional.of(
                            wrong(
                                    name,
                                    name
                                            + " is none of what a plan can be set to: a text, a number, true, false, null or a list of texts."));
                }
                terms.put(name, text);
            }
        }
        return Optional.empty();
    }

    /** All that an object holds goes with it. */
    private void takeBack(String name) {
        List<String> inside = PlanParser.NAMES.stream()
                .filter(it -> it.startsWith(name + "."))
                .toList();
        (inside.isEmpty() ? List.of(name) : inside).forEach(it -> terms.put(it, Optional.empty()));
    }

    private static Optional<String> text(JsonNode value) {
        if (value.isArray()) {
            var joined = new StringJoiner(",");
            for (JsonNode element : value.values()) {
                if (!element.isString()) {
                    return Optional.empty();
                }
                joined.add(element.getStringValue());
            }
            return Optional.of(joined.toString());
        }
        return value.isValueNode() ? Optional.of(value.coerceStringValue()) : Optional.empty();
    }

    private static Outcome<Map<String, Optional<String>>> wrong(String field, String detail) {
        return Outcome.refused(new Problem.InvalidArgument(field, detail));
    }
}
