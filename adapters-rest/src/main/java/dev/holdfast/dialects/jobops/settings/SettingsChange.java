package dev.holdfast.dialects.jobops.settings;

import dev.holdfast.dialects.jobops.Issues;
import io.micronaut.json.tree.JsonNode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Reads what a client wants to change about backups, the whole of it before any of it is done. */
sealed interface SettingsChange {
    /** @param values by key; an empty one goes back to the usual value */
    record Right(Map<SettingKey, Optional<Integer>> values) implements SettingsChange {}

    record Wrong(Issues issues) implements SettingsChange {}

    /** What JobOps has besides these is no business of a backup server, and is left out as unknown keys are. */
    static SettingsChange read(JsonNode body) {
        var issues = new Issues();
        var values = new EnumMap<SettingKey, Optional<Integer>>(SettingKey.class);
        if (!body.isObject()) {
            issues.type(Optional.empty(), "object", Optional.of(body));
            return new Wrong(issues);
        }
        for (SettingKey key : SettingKey.values()) {
            JsonNode given = body.get(key.id());
            if (given != null) {
                values.put(key, read(key, given, issues));
            }
        }
        return issues.isEmpty() ? new Right(values) : new Wrong(issues);
    }

    private static Optional<Integer> read(SettingKey key, JsonNode given, Issues issues) {
        if (given.isNull()) {
            return Optional.empty();
        }
        if (key.isSwitch()) {
            if (!given.isBoolean()) {
                issues.type(Optional.of(key.id()), "boolean", Optional.of(given));
                return Optional.empty();
            }
            return Optional.of(given.getBooleanValue() ? 1 : 0);
        }
        if (!given.isNumber()) {
            issues.type(Optional.of(key.id()), "number", Optional.of(given));
            return Optional.empty();
        }
        double number = given.getDoubleValue();
        if (Double.isInfinite(number) || Math.rint(number) != number) {
            issues.notInteger(key.id());
        }
        if (number < key.least()) {
            issues.tooSmall(key.id(), key.least());
        }
        if (number > key.most()) {
            issues.tooBig(key.id(), key.most());
        }
        return Optional.of((int) number);
    }
}
