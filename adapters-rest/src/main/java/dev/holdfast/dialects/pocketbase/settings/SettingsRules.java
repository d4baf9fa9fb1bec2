package dev.holdfast.dialects.pocketbase.settings;

import dev.holdfast.dialects.pocketbase.FieldErrors;
import io.micronaut.json.tree.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which changes of settings are allowed, as far as backups are concerned. What stays as it is may be what another API has
 * set, which allows more.
 */
final class SettingsRules {
    private static final Pattern URL = Pattern.compile(
            "(?:[A-Za-z][A-Za-z0-9+.-]*://)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\\d{1,5})?(?:/\\S*)?");

    private static final String CRON = "backups.cron";
    private static final String KEEP = "backups.cronMaxKeep";

    /** As plans allow. */
    private static final int MOST_KEPT = 100_000;

    private SettingsRules() {}

    static FieldErrors check(JsonNode before, JsonNode tree) {
        var wrong = new FieldErrors();
        String cron = SettingsTree.at(tree, CRON).getStringValue();
        if (!cron.isEmpty() && SettingsTree.isChanged(before, tree, CRON)) {
            CronSyntax.wrong(cron).ifPresent(it -> wrong.add(CRON, "validation_invalid_cron", it, Map.of()));
        }
        boolean begins = SettingsTree.at(before, CRON).getStringValue().isEmpty();
        if (begins || SettingsTree.isChanged(before, tree, KEEP)) {
            checkKeep(SettingsTree.at(tree, KEEP).getIntValue(), !cron.isEmpty(), wrong);
        }
        Stream.of("backups.s3", "s3")
                .filter(it -> SettingsTree.isChanged(before, tree, it))
                .forEach(it -> checkS3(tree, it, wrong));
        if (SettingsTree.at(tree, "superuserIPs").size() > 0) {
            wrong.add(
                    "superuserIPs",
                    "validation_not_supported",
                    "Holdfast does not limit superusers by address; leave it empty.",
                    Map.of());
        }
        return wrong;
    }

    private static void checkKeep(int keep, boolean scheduled, FieldErrors wrong) {
        if (keep == 0 && scheduled) {
            wrong.addBlank(KEEP);
        } else if (keep < 0) {
            wrong.add(
                    KEEP,
                    "validation_min_greater_equal_than_required",
                    "Must be no less than 1.",
                    Map.of("threshold", JsonNode.createNumberNode(1)));
        } else if (keep > MOST_KEPT) {
            wrong.add(
                    KEEP,
                    "validation_max_less_equal_than_required",
                    "Must be no greater than " + MOST_KEPT + ".",
                    Map.of("threshold", JsonNode.createNumberNode(MOST_KEPT)));
        }
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
