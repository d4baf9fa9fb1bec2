package dev.holdfast.application.access;

import dev.holdfast.domain.access.Role;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The accounts that a credential depends on, each as it was when the credential was obtained. {@link StandingAccounts}
 * alone says whether they still are so.
 *
 * @param holder whom the credential makes its bearer
 * @param lenders whose authority it was obtained with besides the holder's, through every exchange
 */
public record CredentialChain(Link holder, List<Link> lenders) {
    public CredentialChain {
        lenders = List.copyOf(lenders);
    }

    /** Of a credential that its holder obtained alone. */
    public static CredentialChain of(Link holder) {
        return new CredentialChain(holder, List.of());
    }

    /**
     * Of what the bearer of this chain's credential obtains for an account. Another account's also depends on the bearer.
     * Their own depends on what the credential did that they showed.
     */
    public CredentialChain lendTo(Link other) {
        if (other.name().equals(holder.name())) {
            return this;
        }
        var all = new ArrayList<>(lenders);
        if (!all.contains(holder)) {
            all.add(holder);
        }
        return new CredentialChain(other, all);
    }

    /** Whether this depends on each lender that the other one depends on, so that it lasts no longer than they do. */
    public boolean dependsOnLendersOf(CredentialChain other) {
        return lenders.containsAll(other.lenders);
    }

    /** The time, or the end of an account that ends sooner by itself. */
    public Instant bounded(Instant time) {
        return links().flatMap(it -> it.end().stream())
                .filter(it -> it.isBefore(time))
                .min(Instant::compareTo)
                .orElse(time);
    }

    public List<String> lendersAsText() {
        return lenders.stream().map(Link::text).toList();
    }

    Stream<Link> links() {
        return Stream.concat(Stream.of(holder), lenders.stream());
    }

    /**
     * One account at one moment.
     *
     * @param name a user's, a service token's, or an identity provider's name for a person
     * @param role that it had
     * @param mark another one for each password of a user, and for each service token of that name
     * @param end when it ends by itself, if it does
     */
    public record Link(String name, Role role, String mark, Optional<Instant> end) {
        private static final String NO_END = "-";

        /** One line that {@link #parse} reads; names and marks have no tabs. */
        public String text() {
            return String.join("\t", role.id(), end.map(Instant::toString).orElse(NO_END), mark, name);
        }

        /** Empty if it is not what {@link #text} writes. */
        public static Optional<Link> parse(String text) {
            String[] parts = text.split("\t", -1);
            if (parts.length != 4) {
                return Optional.empty();
            }
            try {
                Optional<Instant> end =
                        parts[1].equals(NO_END) ? Optional.empty() : Optional.of(Instant.parse(parts[1]));
                return Role.of(parts[0]).map(role -> new Link(parts[3], role, parts[2], end));
            } catch (DateTimeException _) {
                return Optional.empty();
            }
        }
    }
}
