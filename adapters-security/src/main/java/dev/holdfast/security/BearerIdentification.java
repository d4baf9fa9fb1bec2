package dev.holdfast.security;

import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.Identification;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.application.access.TokenText;
import java.text.ParseException;
import java.util.Optional;

/** Tells the kinds of token apart by their look, and has each checked by its own rules only. */
final class BearerIdentification implements Identification {
    private final SignIn signIn;
    private final StandingAccounts standing;
    private final OwnTokens own;
    private final Optional<ProviderTokens> provider;

    BearerIdentification(SignIn signIn, StandingAccounts standing, OwnTokens own, Optional<ProviderTokens> provider) {
        this.signIn = signIn;
        this.standing = standing;
        this.own = own;
        this.provider = provider;
    }

    @Override
    public Optional<Identity> withBearer(String token) {
        return token.startsWith(TokenText.PREFIX)
                ? signIn.withToken(token).map(it -> new Identity(standing.of(it)))
                : parse(token).flatMap(this::identify);
    }

    private Optional<Identity> identify(SignedJWT jwt) {
        return OwnTokens.ALGORITHM.equals(jwt.getHeader().getAlgorithm())
                ? own.identify(jwt)
                : provider.flatMap(it -> it.identify(jwt));
    }

    /** An unsigned or an encrypted JWT does not parse as a signed one. */
    private static Optional<SignedJWT> parse(String token) {
        try {
            return Optional.of(SignedJWT.parse(token));
        } catch (ParseException _) {
            return Optional.empty(); // not even a JWT: the same answer as for one that is not valid
        }
    }
}
