package dev.holdfast.bootstrap.settings;

import static java.util.stream.Collectors.joining;

import dev.holdfast.application.notice.Notification;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.notify.webhook.Webhook;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is told to whom. Addresses are treated as secrets: those of chat services and of pings are. */
final class WebhookSettings {
    private static final String KEY = "holdfast.webhooks";
    private static final String HIDDEN = "(hidden)";
    private static final String ADDRESS = "an http or https address with a host and without a user";

    private WebhookSettings() {}

    static List<Webhook> read(SettingsSource source) {
        return source.namesBelow(KEY, "url").stream()
                .map(it -> webhook(source, it))
                .toList();
    }

    private static Webhook webhook(SettingsSource source, String name) {
        String key = KEY + "." + name;
        if (!DatabaseName.isValid(name)) {
            throw new InvalidSettingException(KEY, name, "names of the form " + DatabaseName.PATTERN);
        }
        Optional<URI> url = address(source, key + ".url");
        Optional<String> secret = source.text(key + ".secret");
        Set<Notification.Kind> events = events(source, key + ".events");
        if (secret.filter(it -> !Webhook.isSecret(it)).isPresent()) {
            throw new InvalidSettingException(
                    key + ".secret", HIDDEN, "at least 24 characters, or whsec_ and the base64 of at least 24 bytes");
        }
        return url.map(it -> new Webhook(name, it, secret, events)).orElseThrow(() -> {
            source.refuseUnknownBelow(key + ".");
            return new InvalidSettingException(key + ".url", "not set", ADDRESS);
        });
    }

    /** An address that a notice or a ping can go to, if one is set. */
    static Optional<URI> address(SettingsSource source, String key) {
        return source.text(key).map(it -> {
            try {
                var url = new URI(it);
                if (Webhook.isAddress(url)) {
                    return url;
                }
            } catch (URISyntaxException e) {
                // told below; the exception's message holds the address
            }
            throw new InvalidSettingException(key, HIDDEN, ADDRESS);
        });
    }

    private static Set<Notification.Kind> events(SettingsSource source, String key) {
        List<String> named = source.texts(key);
        if (named.isEmpty()) {
            return EnumSet.complementOf(EnumSet.of(Notification.Kind.SUCCESS));
        }
        var kinds = EnumSet.noneOf(Notification.Kind.class);
        for (String name : named) {
            kinds.add(Arrays.stream(Notification.Kind.values())
                    .filter(it -> it.id().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new InvalidSettingException(key, name, "some of " + allEvents())));
        }
        return kinds;
    }

    private static String allEvents() {
        return Arrays.stream(Notification.Kind.values())
                .map(Notification.Kind::id)
                .collect(joining(", "));
    }
}
