package dev.holdfast.rest.pocketbase;

import io.micronaut.json.tree.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Which settings are allowed, as far as backups are concerned. */
final class SettingsRules {
    private static final Pattern URL = Pattern.compile(
            "(?:[A-Za-z][A-Za-z0-9+.-]*://)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\\d{1,5})?(?:/\\S*)?");

    private SettingsRules() {}

    static FieldErrors check(JsonNode tree) {
        var wrong = new FieldErrors();
        String cron = SettingsTree.at(tree, "backups.cron").getStringValue();
        int keep = SettingsTree.at(tree, "backups.cronMaxKeep").getIntValue();
        if (!cron.isEmpty()) {
            CronSyntax.wrong(cron).ifPresent(it -> wrong.add("backups.cron", "validation_invalid_cron", it, Map.of()));
            if (keep == 0) {
                wrong.addBlank("backups.cronMaxKeep");
            }
        }
        if (keep < 0) {
            wrong.add(
                    "backups.cronMaxKeep",
                    "validation_min_greater_equal_than_required",
                    "Must be no less than 1.",
                    Map.of("threshold", JsonNode.createNumberNode(1)));
        }
        List.of("backups.s3", "s3").forEach(it -> checkS3(tree, it, wrong));
        if (SettingsTree.at(tree, "superuserIPs").size() > 0) {
            wrong.add(
                    "superuserIPs",
                    "validation_not_supported",
                    "Holdfast does not limit superusers by address; leave it empty.",
                    Map.of());
        }
        return wrong;
    }

    private static void checkS3(JsonNode tree, String path, FieldErrors wrong) {
        String endpoint = SettingsTree.at(tree, path + ".endpoint").getStringValue();
        if (SettingsTree.at(tree, path + ".enabled").getBooleanValue()) {
            for (String name : List.of("endpoint", "bucket", "region", "accessKey", "secret")) {
                if (SettingsTree.at(tree, path + "." + name).getStringValue().isBlank()) {
                    wrong.addBlank(path + "." + name);
                }
            }
        }
        if (!endpoint.isBlank() && !URL.matcher(endpoint).matches()) {
            wrong.add(path + ".endpoint", "validation_is_url", "Must be a valid URL.", Map.of());
        }
    }
}
