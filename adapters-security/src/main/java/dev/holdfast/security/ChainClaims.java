package dev.holdfast.security;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.domain.access.Role;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link CredentialChain} stands in a JWT. Of tokens by earlier versions, which named one account at most that had
 * asked for them, that account has to be the admin still that it was.
 *
 * @param holder the claim with the holder's name
 * @param mark the claim with the holder's mark
 * @param role the claim with the holder's role; earlier versions had none
 */
record ChainClaims(String holder, String mark, String role) {
    private static final String LENDERS = "lenders";
    private static final String EARLIER_ISSUER = "issuedBy";
    private static final String EARLIER_ISSUER_MARK = "issuedByMark";

    Set<String> required() {
        return Set.of(holder, mark);
    }

    void write(CredentialChain chain, Map<String, Object> claims) {
        CredentialChain.Link link = chain.holder();
        claims.put(holder, link.name());
        claims.put(mark, link.mark());
        claims.put(role, link.role().id());
        if (!chain.lenders().isEmpty()) {
            claims.put(LENDERS, chain.lendersAsText());
        }
    }

    /** Empty if it holds what no version has written. */
    Optional<CredentialChain> read(JWTClaimsSet claimed) {
        var link = new CredentialChain.Link(
                text(claimed.getClaim(holder)),
                Role.of(text(claimed.getClaim(role))).orElse(Role.ADMIN),
                text(claimed.getClaim(mark)),
                // A provider's word ends no earlier than the token, whose end is bounded by it.
                Optional.of(claimed.getExpirationTime().toInstant()));
        return lenders(claimed).map(it -> new CredentialChain(link, it));
    }

    private static Optional<List<CredentialChain.Link>> lenders(JWTClaimsSet claimed) {
        @Nullable Object earlier = claimed.getClaim(EARLIER_ISSUER);
        if (earlier != null) {
            return Optional.of(List.of(new CredentialChain.Link(
                    text(earlier), Role.ADMIN, text(claimed.getClaim(EARLIER_ISSUER_MARK)), Optional.empty())));
        }
        @Nullable Object listed = claimed.getClaim(LENDERS);
        if (listed == null) {
            return Optional.of(List.of());
        }
        if (!(listed instanceof Collection<?> texts)) {
            return Optional.empty();
        }
        List<CredentialChain.Link> links = texts.stream()
                .flatMap(it -> CredentialChain.Link.parse(text(it)).stream())
                .toList();
        return links.size() == texts.size() ? Optional.of(links) : Optional.empty();
    }

    private static String text(@Nullable Object claim) {
        return String.valueOf(claim);
    }
}
