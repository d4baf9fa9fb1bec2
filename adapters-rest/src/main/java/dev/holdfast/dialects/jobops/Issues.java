package dev.holdfast.dialects.jobops;

import io.micronaut.json.tree.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is wrong with a body, in the words and the form of the schema library that JobOps checks with. */
public final class Issues {
    /** Of what the clients of these calls send, the fields in whose place JobOps shows none of what it has to say. */
    private static final Set<String> SECRET = Set.of("password");

    private static final JsonNode REDACTED = JsonNode.createStringNode("[REDACTED]");

    private final List<JsonNode> all = new ArrayList<>();
    private final List<JsonNode> ofForm = new ArrayList<>();
    private final Map<String, List<JsonNode>> ofFields = new LinkedHashMap<>();

    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** All of them. */
    public JsonNode list() {
        return JsonNode.createArrayNode(all);
    }

    /** Their messages, those about the whole and those about each field. */
    public JsonNode flattened() {
        var fields = new Tree();
        ofFields.forEach((name, messages) ->
                fields.put(name, SECRET.contains(name) ? REDACTED : JsonNode.createArrayNode(messages)));
        return new Tree()
                .put("formErrors", JsonNode.createArrayNode(ofForm))
                .put("fieldErrors", fields.node())
                .node();
    }

    /** @param field empty for the whole body */
    public void type(Optional<String> field, String expected, Optional<JsonNode> received) {
        String type = received.map(Issues::type).orElse("undefined");
        String message = received.isPresent() ? "Expected " + expected + ", received " + type : "Required";
        add(
                field,
                new Tree().put("code", "invalid_type").put("expected", expected).put("received", type),
                message,
                true);
    }

    public void notInteger(String field) {
        add(
                Optional.of(field),
                new Tree()
                        .put("code", "invalid_type")
                        .put("expected", "integer")
                        .put("received", "float"),
                "Expected integer, received float",
                false);
    }

    public void tooSmall(String field, int least) {
        add(
                Optional.of(field),
                bound(new Tree().put("code", "too_small").put("minimum", least), "number"),
                "Number must be greater than or equal to " + least,
                false);
    }

    public void tooBig(String field, int most) {
        add(
                Optional.of(field),
                bound(new Tree().put("code", "too_big").put("maximum", most), "number"),
                "Number must be less than or equal to " + most,
                false);
    }

    void empty(String field) {
        add(
                Optional.of(field),
                bound(new Tree().put("code", "too_small").put("minimum", 1), "string"),
                "String must contain at least 1 character(s)",
                false);
    }

    private static Tree bound(Tree issue, String type) {
        return issue.put("type", type).put("inclusive", true).put("exact", false);
    }

    private void add(Optional<String> field, Tree issue, String message, boolean pathFirst) {
        JsonNode path = JsonNode.createArrayNode(
                field.map(JsonNode::createStringNode).stream().toList());
        if (pathFirst) {
            issue.put("path", path).put("message", message);
        } else {
            issue.put("message", message).put("path", path);
        }
        all.add(issue.node());
        JsonNode text = JsonNode.createStringNode(message);
        field.ifPresentOrElse(
                it -> ofFields.computeIfAbsent(it, _ -> new ArrayList<>()).add(text), () -> ofForm.add(text));
    }

    private static String type(JsonNode node) {
        if (node.isNull()) {
            return "null";
        }
        if (node.isObject()) {
            return "object";
        }
        if (node.isArray()) {
            return "array";
        }
        if (node.isBoolean()) {
            return "boolean";
        }
        return node.isNumber() ? "number" : "string";
    }
}
