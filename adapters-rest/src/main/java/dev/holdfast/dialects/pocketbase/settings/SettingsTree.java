package dev.holdfast.dialects.pocketbase.settings;

import dev.holdfast.dialects.pocketbase.SubmittedFields;
import io.micronaut.json.tree.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** PocketBase's settings as a tree: which there are, what they are at first, and how a change goes into them. */
final class SettingsTree {
    private static final int DEEPEST = 32;
    private static final Set<String> SECRETS = Set.of("secret", "password");

    private SettingsTree() {}

    /** @param appName what backups are named after at first */
    static JsonNode defaults(String appName) {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("superuserIPs", List.of());
        tree.put(
                "smtp",
                ordered(
                        "enabled", false,
                        "port", 587,
                        "host", "smtp.example.com",
                        "username", "",
                        "password", "",
                        "authMethod", "",
                        "tls", false,
                        "localName", ""));
        tree.put("backups", ordered("cron", "", "cronMaxKeep", 3, "s3", s3()));
        tree.put("s3", s3());
        tree.put(
                "meta",
                ordered(
                        "accentColor", "#1055c9",
                        "appName", appName,
                        "appURL", "http://localhost:8090",
                        "senderName", "Support",
                        "senderAddress", "support@example.com",
                        "hideControls", false));
        tree.put("rateLimits", ordered("rules", List.of(), "excludedIPs", List.of(), "enabled", false));
        tree.put("trustedProxy", ordered("headers", List.of(), "useLeftmostIP", false));
        tree.put("batch", ordered("enabled", false, "maxRequests", 50, "timeout", 3, "maxBodySize", 0));
        tree.put("logs", ordered("maxDays", 5, "minLevel", 0, "logIP", true, "logAuthId", false));
        return node(tree);
    }

    private static Map<String, Object> s3() {
        return ordered(
                "enabled", false,
                "bucket", "",
                "region", "",
                "endpoint", "",
                "accessKey", "",
                "secret", "",
                "forcePathStyle", false);
    }

    private static Map<String, Object> ordered(Object... members) {
        var map = new LinkedHashMap<String, Object>();
        for (int i = 0; i < members.length; i += 2) {
            map.put((String) members[i], members[i + 1]);
        }
        return map;
    }

    private static JsonNode node(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                var members = new LinkedHashMap<String, JsonNode>();
                map.forEach((name, member) -> members.put(String.valueOf(name), node(member)));
                yield JsonNode.createObjectNode(members);
            }
            case List<?> list ->
                JsonNode.createArrayNode(list.stream().map(SettingsTree::node).toList());
            case Integer number -> JsonNode.createNumberNode(number);
            case Boolean flag -> JsonNode.createBooleanNode(flag);
            default -> JsonNode.createStringNode(String.valueOf(value));
        };
    }

    /**
     * What is absent, null or unknown in {@code change} changes nothing; lists are replaced.
     *
     * @return empty if something in it is of another type than what it replaces
     */
    static Optional<JsonNode> merged(JsonNode tree, JsonNode change) {
        if (change.isNull()) {
            return Optional.of(tree);
        }
        if (!tree.isObject()) {
            return isLike(tree, change) ? Optional.of(change) : Optional.empty();
        }
        if (!change.isObject()) {
            return Optional.empty();
        }
        var members = new LinkedHashMap<String, JsonNode>();
        for (Map.Entry<String, JsonNode> member : tree.entries()) {
            Optional<JsonNode> changed = SubmittedFields.member(change, member.getKey())
                    .map(it -> merged(member.getValue(), it))
                    .orElseGet(() -> Optional.of(member.getValue()));
            if (changed.isEmpty()) {
                return Optional.empty();
            }
            members.put(member.getKey(), changed.get());
        }
        return Optional.of(JsonNode.createObjectNode(members));
    }

    private static boolean isLike(JsonNode one, JsonNode other) {
        return one.isArray()
                ? other.isArray()
                : one.isString() ? other.isString() : one.isBoolean() ? other.isBoolean() : isInteger(other);
    }

    private static boolean isInteger(JsonNode node) {
        return node.isNumber() && node.coerceStringValue().matches("-?\\d{1,9}");
    }

    /** Without what is never shown. */
    static JsonNode masked(JsonNode tree) {
        if (!tree.isObject()) {
            return tree;
        }
        var members = new LinkedHashMap<String, JsonNode>();
        for (Map.Entry<String, JsonNode> member : tree.entries()) {
            if (!SECRETS.contains(member.getKey())) {
                members.put(member.getKey(), masked(member.getValue()));
            }
        }
        return JsonNode.createObjectNode(members);
    }

    /** @param path names with dots in between, of something that the defaults have */
    static JsonNode at(JsonNode tree, String path) {
        JsonNode node = tree;
        for (String name : path.split("\\.", -1)) {
            JsonNode next = node.get(name);
            if (next == null) {
                throw new IllegalArgumentException("setting: " + path + " (expected: one that there is)");
            }
            node = next;
        }
        return node;
    }

    static boolean isChanged(JsonNode before, JsonNode after, String path) {
        JsonNode one = at(before, path);
        JsonNode other = at(after, path);
        return (one.isNumber() && other.isNumber()) ? one.getIntValue() != other.getIntValue() : !one.equals(other);
    }

    /** Deeper than anything that somebody means, and than can be kept. */
    static boolean isDeep(JsonNode tree) {
        return isDeeper(tree, DEEPEST);
    }

    private static boolean isDeeper(JsonNode tree, int levels) {
        if (!tree.isContainerNode()) {
            return false;
        }
        if (levels == 0) {
            return true;
        }
        for (JsonNode inside : tree.values()) {
            if (isDeeper(inside, levels - 1)) {
                return true;
            }
        }
        return false;
    }

    /** The tree with another value at a path of names. */
    static JsonNode with(JsonNode tree, String path, JsonNode value) {
        String[] names = path.split("\\.", 2);
        var members = new LinkedHashMap<String, JsonNode>();
        for (Map.Entry<String, JsonNode> member : tree.entries()) {
            members.put(
                    member.getKey(),
                    !member.getKey().equals(names[0])
                            ? member.getValue()
                            : names.length == 1 ? value : with(member.getValue(), names[1], value));
        }
        return JsonNode.createObjectNode(members);
    }
}
