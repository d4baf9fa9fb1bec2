package dev.holdfast.dialects.pocketbase;

import io.micronaut.json.tree.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What is wrong with which fields; the first error of a field stays. Not safe for use by several threads. */
public final class FieldErrors {
    private static final String BLANK = "Cannot be blank.";

    private final Map<String, Object> byField = new TreeMap<>();

    public static FieldErrors of(String field, String code, String message) {
        return new FieldErrors().add(field, code, message, Map.of());
    }

    public static FieldErrors blank(String field) {
        return new FieldErrors().addBlank(field);
    }

    public FieldErrors addBlank(String path) {
        return add(path, "validation_required", BLANK, Map.of());
    }

    /** @param path names with dots in between: {@code backups.s3.bucket} */
    @SuppressWarnings("unchecked")
    public // what is put in here is either an error or such a map
    FieldErrors add(String path, String code, String message, Map<String, JsonNode> params) {
        Map<String, Object> level = byField;
        String[] names = path.split("\\.", -1);
        for (int i = 0; i < names.length - 1; i++) {
            level = (Map<String, Object>) level.computeIfAbsent(names[i], _ -> new TreeMap<String, Object>());
        }
        var error = new LinkedHashMap<String, JsonNode>();
        error.put("code", JsonNode.createStringNode(code));
        error.put("message", JsonNode.createStringNode(message));
        if (!params.isEmpty()) {
            error.put("params", JsonNode.createObjectNode(new TreeMap<>(params)));
        }
        level.putIfAbsent(names[names.length - 1], JsonNode.createObjectNode(error));
        return this;
    }

    public boolean isEmpty() {
        return byField.isEmpty();
    }

    public JsonNode tree() {
        return tree(byField);
    }

    private static JsonNode tree(Map<?, ?> level) {
        var members = new LinkedHashMap<String, JsonNode>();
        level.forEach((name, value) ->
                members.put(String.valueOf(name), value instanceof JsonNode error ? error : tree((Map<?, ?>) value)));
        return JsonNode.createObjectNode(members);
    }
}
