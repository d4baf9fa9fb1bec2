package dev.holdfast.notify.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SigningKeyTest {
    /** The example that the reference implementations of Standard Webhooks are tested with. */
    @Test
    void the_published_example_is_signed_as_published() {
        SigningKey key =
                SigningKey.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").orElseThrow();

        String signature =
                key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}".getBytes(UTF_8));

        assertThat(signature).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "123456789012345678901234, true",
        "12345678901234567890123, false",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, true",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==, false",
        "whsec_this is no base64 at all, false",
        "'', false",
    })
    void a_secret_has_24_bytes_at_least(String text, boolean fits) {
        assertThat(Webhook.isSecret(text)).isEqualTo(fits);
    }
}
