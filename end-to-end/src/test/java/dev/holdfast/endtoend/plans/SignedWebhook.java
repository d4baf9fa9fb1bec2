package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.testkit.WebhookReceiver;
import dev.holdfast.testkit.WebhookReceiver.Received;

/** A webhook of a server's settings that accepts every notification and checks its signature. */
final class SignedWebhook implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SECRET = "the-secret-of-the-webhook-ops";

    private final WebhookReceiver receiver = WebhookReceiver.answering(204);

    /** For a configuration, one line below {@code holdfast}. */
    String settings() {
        return "webhooks: {ops: {url: \"%s\", secret: %s}}".formatted(receiver.url("/"), SECRET);
    }

    /** The next one, whose signature is right. */
    JsonNode next() throws Exception {
        Received next = receiver.await();
        assertThat(next.header("webhook-signature")).isEqualTo(next.signature(SECRET));
        return JSON.readTree(next.body());
    }

    boolean isEmpty() {
        return receiver.more() == 0;
    }

    @Override
    public void close() {
        receiver.close();
    }
}
