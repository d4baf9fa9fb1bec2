package dev.holdfast.application.access.token;

import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.application.access.Identity;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Tokens that a dialect gives its clients. No token passes for one of another kind, nor for what the native API takes. One
 * ends with its time and with any account of its {@link CredentialChain}. What is issued while access control is off is
 * worth nothing once it is on: callers did not have to show who they are then. Safe for use by several threads.
 */
public interface DialectTokens {
    /** @param claims that the dialect's clients read, and it itself when the token comes back */
    record Held(Identity who, Map<String, Object> claims) {}

    /** What a token is that stands in an address. */
    sealed interface Shown {
        record Standing(Held held) implements Shown {}

        /** One that its holder could use still, but an account whose authority it was obtained with is not what it was. */
        record Deserted() implements Shown {}

        /** Also one whose holder is not what they were: the dialects have an answer to that of their own. */
        record Invalid() implements Shown {}
    }

    /**
     * Ends no later than an account of the chain that ends by itself.
     *
     * @param kind for example {@code pocketbase-auth}
     * @param claims of JSON's types; not {@code exp}, {@code iss} and those of the chain
     */
    String issue(String kind, CredentialChain chain, Map<String, Object> claims, Instant expiresAt);

    /** Empty if it is not of that kind, or not valid now. While access control is off its bearer may do all. */
    Optional<Held> read(String kind, String token);

    /** For one that stands in an address: it ends with another role of its holder too. */
    Shown look(String kind, String token);

    /** Whether it was issued here and is not over, be those that it depends on still there or not. */
    boolean isIssued(String kind, String token);

    /** Whether a token says of itself that it is over, be it forged or not. */
    boolean saysItIsOver(String token);

    /**
     * 64 hex digits that no other server can make of the text; others for each kind, and others while access control is off,
     * but the same each time.
     */
    String mark(String kind, String text);
}
