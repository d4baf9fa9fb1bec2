package dev.holdfast.dialects.dispatcharr;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.application.access.token.DialectTokens;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.domain.access.Role;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One key for each user, which its owner can ask for again at any time, as clients do. So it cannot be kept as a digest;
 * what is kept is a random number, which makes the key only together with the server's secret. A key ends with its
 * user's password, and so with the account, also if another one of the same name follows. One that was obtained with
 * another account's authority ends with any account of its {@link CredentialChain} too.
 */
@Singleton
final class ApiKeys {
    private static final String DOCUMENT = "dispatcharr.api-keys";
    private static final String KIND = "dispatcharr-api-key";
    private static final int KEY_BYTES = 40;
    private static final int SALT_BYTES = 16;
    private static final String SALT = "salt";
    private static final String LENDERS = "lenders";

    /** What earlier versions kept in place of lenders: the one that had asked for the key, an admin. */
    private static final String EARLIER_ISSUER = "by";

    private static final String EARLIER_ISSUER_MARK = "byMark";

    private final DialectDocuments documents;
    private final DispatcharrDatabase database;
    private final DialectTokens tokens;
    private final StandingAccounts standing;
    private final SecureRandom random;
    private final DispatcharrResponses answers;
    private final ReentrantLock changing = new ReentrantLock();

    ApiKeys(
            DialectDocuments documents,
            DispatcharrDatabase database,
            DialectTokens tokens,
            StandingAccounts standing,
            SecureRandom random,
            DispatcharrResponses answers) {
        this.documents = documents;
        this.database = database;
        this.tokens = tokens;
        this.standing = standing;
        this.random = random;
        this.answers = answers;
    }

    /** @param replaced whether there was one that ends now */
    record Made(String key, boolean replaced) {
        /** Leaves the secret out. */
        @Override
        public String toString() {
            return "Made[replaced=" + replaced + "]";
        }
    }

    /** The caller's own key. A credential that ends sooner does not show it: the key would outlive it. */
    Optional<String> find(Identity who) {
        return Optional.ofNullable(kept().get(who.name()))
                .flatMap(entry -> chain(who.name(), entry)
                        .filter(it -> standing.identify(it).isPresent())
                        .filter(it -> it.dependsOnLendersOf(who.chain()))
                        .map(it -> key(it.holder(), salt(entry))));
    }

    /**
     * Replaces an earlier one. Empty for who has no password that a key could end with: service tokens, a provider's.
     *
     * @param by who asks for it
     */
    Optional<Made> generate(String who, Identity by) {
        Optional<CredentialChain> chain = standing.user(who).map(by.chain()::lendTo);
        if (chain.flatMap(standing::identify).isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = new byte[SALT_BYTES];
        random.nextBytes(bytes);
        String salt = HexFormat.of().formatHex(bytes);
        List<String> lenders = chain.get().lendersAsText();
        JsonNode entry = lenders.isEmpty()
                ? JsonNode.createStringNode(salt)
                : Json.object(SALT, salt, LENDERS, Json.texts(lenders));
        boolean replaced = change(it -> it.put(who, entry));
        return Optional.of(new Made(key(chain.get().holder(), salt), replaced));
    }

    /** @return whether there was one */
    boolean revoke(String who) {
        return change(it -> it.remove(who));
    }

    /** Whose key this is. */
    Optional<Identity> identify(String key) {
        Optional<Identity> found = Optional.empty();
        for (Map.Entry<String, JsonNode> entry : kept().entries()) {
            Optional<CredentialChain> chain = chain(entry.getKey(), entry.getValue());
            if (chain.isPresent() && isSame(key(chain.get().holder(), salt(entry.getValue())), key)) {
                found = standing.identify(chain.get());
            }
        }
        return found;
    }

    private static boolean isSame(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(US_ASCII), other.getBytes(US_ASCII));
    }

    private static String salt(JsonNode entry) {
        return entry.isString() ? entry.getStringValue() : text(entry, SALT);
    }

    /** Empty if there is no such user any more. */
    private Optional<CredentialChain> chain(String who, JsonNode entry) {
        return standing.user(who).flatMap(holder -> lenders(entry).map(it -> new CredentialChain(holder, it)));
    }

    private static Optional<List<CredentialChain.Link>> lenders(JsonNode entry) {
        if (entry.isString()) {
            return Optional.of(List.of());
        }
        return entry.get(LENDERS) == null
                ? Optional.of(List.of(new CredentialChain.Link(
                        text(entry, EARLIER_ISSUER), Role.ADMIN, text(entry, EARLIER_ISSUER_MARK), Optional.empty())))
                : StoredLinks.read(entry.get(LENDERS));
    }

    private static String text(JsonNode entry, String name) {
        return Json.text(entry, name).orElse("");
    }

    /** Another one for each password: a key for a password that changed meanwhile opens nothing. */
    private String key(CredentialChain.Link holder, String salt) {
        String text = salt + "/" + StandingAccounts.passwordMark(holder).orElse("") + "/" + holder.name();
        String hex = tokens.mark(KIND, "1/" + text) + tokens.mark(KIND, "2/" + text);
        byte[] bytes = HexFormat.of().parseHex(hex.substring(0, 2 * KEY_BYTES));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private JsonNode kept() {
        return documents.find(database.key(), DOCUMENT).map(answers::readKept).orElseGet(Json::object);
    }

    /** @param step returns what was there before, if anything was */
    private boolean change(Function<Map<String, JsonNode>, @Nullable JsonNode> step) {
        changing.lock();
        try {
            var members = new LinkedHashMap<String, JsonNode>();
            kept().entries().forEach(it -> members.put(it.getKey(), it.getValue()));
            boolean wasThere = step.apply(members) != null;
            documents.keep(database.key(), DOCUMENT, answers.text(JsonNode.createObjectNode(members)));
            return wasThere;
        } finally {
            changing.unlock();
        }
    }
}
