package dev.holdfast.security;

import com.nimbusds.jose.JWSAlgorithm;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.application.access.TokenText;
import dev.holdfast.application.access.token.Identification;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Tells the kinds of token apart by their look, and has each checked by its own rules only. */
@Singleton
final class BearerIdentification implements Identification {
    private final SignIn signIn;
    private final StandingAccounts standing;
    private final SignedTokens tokens;
    private final LocalTokens own;
    private final Optional<ProviderTokens> provider;

    BearerIdentification(
            SignIn signIn, StandingAccounts standing, SignedTokens tokens, LocalTokens own, TokenSettings settings) {
        this.signIn = signIn;
        this.standing = standing;
        this.tokens = tokens;
        this.own = own;
        this.provider = settings.provider().map(it -> new ProviderTokens(it, tokens, standing));
    }

    @Override
    public Optional<Identity> withBearer(String token) {
        return token.startsWith(TokenText.PREFIX)
                ? signIn.withToken(token).map(it -> new Identity(standing.of(it)))
                : tokens.claimedAlgorithm(token).flatMap(it -> identify(it, token));
    }

    private Optional<Identity> identify(JWSAlgorithm algorithm, String token) {
        return ServerSignature.ALGORITHM.equals(algorithm)
                ? own.identify(token)
                : provider.flatMap(it -> it.identify(token));
    }
}
