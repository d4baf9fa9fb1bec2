package dev.holdfast.notify.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs what is sent with HMAC-SHA-256, in the words of Standard Webhooks. */
final class SigningKey {
    private static final String ALGORITHM = "HmacSHA256";
    private static final String BASE64_PREFIX = "whsec_";
    private static final int SHORTEST_BYTES = 24;

    private final SecretKeySpec key;

    private SigningKey(byte[] key) {
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /** Empty for a text that is too short, or behind {@code whsec_} not base64. */
    static Optional<SigningKey> parse(String secret) {
        return bytes(secret).filter(it -> it.length >= SHORTEST_BYTES).map(SigningKey::new);
    }

    private static Optional<byte[]> bytes(String secret) {
        if (!secret.startsWith(BASE64_PREFIX)) {
            return Optional.of(secret.getBytes(UTF_8));
        }
        try {
            return Optional.of(Base64.getDecoder().decode(secret.substring(BASE64_PREFIX.length())));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The value of {@code webhook-signature}. */
    String sign(String id, long timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update((id + "." + timestamp + ".").getBytes(UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
