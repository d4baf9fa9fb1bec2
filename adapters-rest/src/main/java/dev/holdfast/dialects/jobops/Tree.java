package dev.holdfast.dialects.jobops;

import io.micronaut.json.tree.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** A JSON object whose members stay in the order in which they were put. */
public final class Tree {
    private final Map<String, JsonNode> members = new LinkedHashMap<>();

    public Tree put(String name, JsonNode value) {
        members.put(name, value);
        return this;
    }

    public Tree put(String name, String value) {
        return put(name, JsonNode.createStringNode(value));
    }

    Tree put(String name, boolean value) {
        return put(name, JsonNode.createBooleanNode(value));
    }

    public Tree put(String name, long value) {
        return put(name, JsonNode.createNumberNode(value));
    }

    public JsonNode node() {
        return JsonNode.createObjectNode(members);
    }
}
