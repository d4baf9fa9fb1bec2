package dev.holdfast.dialects.jobops.settings;

import dev.holdfast.dialects.jobops.Tree;
import io.micronaut.json.tree.JsonNode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The settings about backups.
 *
 * @param inForce the value of each key
 * @param overrides those that somebody has set
 */
record BackupSettings(Map<SettingKey, Integer> inForce, Map<SettingKey, Integer> overrides) {
    BackupSettings {
        inForce = Map.copyOf(inForce);
        overrides = Map.copyOf(overrides);
    }

    int value(SettingKey key) {
        return Objects.requireNonNull(inForce.get(key), key::id);
    }

    boolean enabled() {
        return value(SettingKey.ENABLED) == 1;
    }

    /** @param change by key; an empty value goes back to the usual one */
    BackupSettings with(Map<SettingKey, Optional<Integer>> change) {
        var values = new EnumMap<>(inForce);
        var set = new EnumMap<SettingKey, Integer>(SettingKey.class);
        set.putAll(overrides);
        change.forEach((key, value) -> {
            values.put(key, value.orElse(key.usual()));
            value.ifPresentOrElse(it -> set.put(key, it), () -> set.remove(key));
        });
        return new BackupSettings(values, set);
    }

    JsonNode tree() {
        var tree = new Tree();
        for (SettingKey key : SettingKey.values()) {
            tree.put(
                    key.id(),
                    new Tree()
                            .put("value", node(key, value(key)))
                            .put("default", node(key, key.usual()))
                            .put(
                                    "override",
                                    Optional.ofNullable(overrides.get(key))
                                            .map(it -> node(key, it))
                                            .orElse(JsonNode.nullNode()))
                            .node());
        }
        return tree.node();
    }

    static JsonNode node(SettingKey key, int value) {
        return key.isSwitch() ? JsonNode.createBooleanNode(value == 1) : JsonNode.createNumberNode(value);
    }
}
