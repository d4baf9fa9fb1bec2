package dev.holdfast.notify.webhook;

import dev.holdfast.application.notice.Notification;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/**
 * Somewhere that notices are posted to.
 *
 * @param url may hold what nobody else should see, as the addresses of many chat services do
 * @param secret signs what is sent, see {@link #isSecret}; without one nothing is signed
 * @param kinds what it is told of
 */
public record Webhook(String name, URI url, Optional<String> secret, Set<Notification.Kind> kinds) {
    private static final int LARGEST_PORT = 65_535;

    public Webhook {
        if (!isAddress(url)) {
            throw new IllegalArgumentException("webhook " + name + ": not an http or https address");
        }
        if (secret.filter(it -> !isSecret(it)).isPresent()) {
            throw new IllegalArgumentException("webhook " + name + ": the secret is too short or not base64");
        }
        kinds = Set.copyOf(kinds);
    }

    /** Whether notices and pings can be sent there: http or https, with a host, without a user. */
    public static boolean isAddress(URI url) {
        return ("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()))
                && url.getHost() != null
                && url.getRawUserInfo() == null
                && url.getPort() <= LARGEST_PORT;
    }

    /** Whether it is at least 24 bytes long, which are its own or, behind {@code whsec_}, those that its base64 stands for. */
    public static boolean isSecret(String text) {
        return SigningKey.parse(text).isPresent();
    }

    /** Hides the address and the secret. */
    @Override
    public String toString() {
        return "Webhook[name=" + name + ", kinds=" + kinds + "]";
    }
}
