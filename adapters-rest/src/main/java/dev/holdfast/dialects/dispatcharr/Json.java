package dev.holdfast.dialects.dispatcharr;

import io.micronaut.json.tree.JsonNode;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes trees of plain values. */
public final class Json {
    private Json() {}

    /** @param members names and values in turn, written in this order */
    public static JsonNode object(@Nullable Object... members) {
        var map = new LinkedHashMap<String, JsonNode>();
        for (int i = 0; i < members.length; i += 2) {
            map.put(String.valueOf(members[i]), node(members[i + 1]));
        }
        return JsonNode.createObjectNode(map);
    }

    public static JsonNode array(List<JsonNode> elements) {
        return JsonNode.createArrayNode(elements);
    }

    public static JsonNode texts(List<String> texts) {
        return array(texts.stream().map(JsonNode::createStringNode).toList());
    }

    private static JsonNode node(@Nullable Object value) {
        return switch (value) {
            case null -> JsonNode.nullNode();
            case JsonNode node -> node;
            case Integer number -> JsonNode.createNumberNode(number);
            case Long number -> JsonNode.createNumberNode(number);
            case Boolean flag -> JsonNode.createBooleanNode(flag);
            default -> JsonNode.createStringNode(String.valueOf(value));
        };
    }

    /** Of an object that has it. */
    public static JsonNode member(JsonNode object, String name) {
        JsonNode member = object.get(name);
        if (member == null) {
            throw new IllegalArgumentException("member: " + name + " (expected: one that there is)");
        }
        return member;
    }

    /** Of an object's member that is a text; what is absent or something else is no text. */
    public static Optional<String> text(JsonNode object, String name) {
        return Optional.ofNullable(object.get(name)).filter(JsonNode::isString).map(JsonNode::getStringValue);
    }

    /** The object with more members, or others. */
    public static JsonNode with(JsonNode object, Map<String, JsonNode> more) {
        var members = new LinkedHashMap<String, JsonNode>();
        object.entries().forEach(it -> members.put(it.getKey(), it.getValue()));
        members.putAll(more);
        return JsonNode.createObjectNode(members);
    }

    /** As Python's {@code int()} reads it; empty if it is no integer. */
    public static Optional<BigInteger> integer(JsonNode node) {
        String text = node.isNumber() || node.isString()
                ? node.coerceStringValue().strip()
                : node.isBoolean() ? (node.getBooleanValue() ? "1" : "0") : "";
        return text.matches("[+-]?\\d{1,18}") ? Optional.of(new BigInteger(text)) : Optional.empty();
    }
}
