package dev.holdfast.rest.dispatcharr;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.settings.Documents;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.rest.security.AccessControl;
import dev.holdfast.rest.security.DialectTokens;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * One key for each user, which its owner can ask for again at any time, as clients do. So it cannot be kept as a digest;
 * what is kept is a random number, which makes the key only together with the server's secret. A key ends with its
 * user's password, and so with the account, also if another one of the same name follows; one that somebody else had made
 * for the user ends with them too.
 */
@Singleton
final class ApiKeys {
    private static final String DOCUMENT = "dispatcharr.api-keys";
    private static final String KIND = "dispatcharr-api-key";
    private static final int KEY_BYTES = 40;
    private static final int SALT_BYTES = 16;
    private static final String SALT = "salt";
    private static final String ISSUER = "by";
    private static final String ISSUER_MARK = "byMark";

    private final Documents documents;
    private final DispatcharrDatabase database;
    private final AccessControl access;
    private final Accounts accounts;
    private final DialectTokens tokens;
    private final SecureRandom random;
    private final Answers answers;
    private final ReentrantLock changing = new ReentrantLock();

    ApiKeys(
            Documents documents,
            DispatcharrDatabase database,
            AccessControl access,
            Accounts accounts,
            DialectTokens tokens,
            SecureRandom random,
            Answers answers) {
        this.documents = documents;
        this.database = database;
        this.access = access;
        this.accounts = accounts;
        this.tokens = tokens;
        this.random = random;
        this.answers = answers;
    }

    Optional<String> find(String who) {
        return Optional.ofNullable(kept().get(who))
                .filter(it -> role(who).map(role -> stands(it, role)).orElse(false))
                .map(it -> key(who, salt(it)));
    }

    /**
     * Replaces an earlier one. Empty for who has no password that a key could end with: service tokens, a provider's.
     *
     * @param by who asks for it
     */
    Optional<String> generate(String who, String by) {
        if (role(who).isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = new byte[SALT_BYTES];
        random.nextBytes(bytes);
        String salt = HexFormat.of().formatHex(bytes);
        JsonNode entry = by.equals(who)
                ? JsonNode.createStringNode(salt)
                : Json.object(
                        SALT, salt, ISSUER, by, ISSUER_MARK, tokens.issuer(by).mark());
        change(it -> it.put(who, entry));
        return Optional.of(key(who, salt));
    }

    private static String salt(JsonNode entry) {
        return entry.isString() ? entry.getStringValue() : text(entry, SALT);
    }

    private boolean stands(JsonNode entry, Role role) {
        return entry.isString() || tokens.stands(text(entry, ISSUER), text(entry, ISSUER_MARK), role);
    }

    private static String text(JsonNode entry, String name) {
        return Json.text(entry, name).orElse("");
    }

    void revoke(String who) {
        change(it -> it.remove(who));
    }

    /** Whose key this is. */
    Optional<Identity> identify(String key) {
        Optional<Identity> found = Optional.empty();
        for (Map.Entry<String, JsonNode> entry : kept().entries()) {
            String who = entry.getKey();
            if (MessageDigest.isEqual(key(who, salt(entry.getValue())).getBytes(US_ASCII), key.getBytes(US_ASCII))) {
                found = role(who).filter(role -> stands(entry.getValue(), role)).map(role -> new Identity(who, role));
            }
        }
        return found;
    }

    private Optional<Role> role(String who) {
        return access.enabled() ? account(who).map(it -> it.user().role()) : Optional.of(Role.ADMIN);
    }

    private Optional<Account> account(String who) {
        return AccountName.isValid(who) ? accounts.findAccount(new AccountName(who)) : Optional.empty();
    }

    private String key(String who, String salt) {
        String password = account(who).map(Account::passwordMark).orElse("");
        String text = salt + "/" + password + "/" + who;
        String hex = tokens.mark(KIND, "1/" + text) + tokens.mark(KIND, "2/" + text);
        byte[] bytes = HexFormat.of().parseHex(hex.substring(0, 2 * KEY_BYTES));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private JsonNode kept() {
        return documents.find(database.key(), DOCUMENT).map(answers::readKept).orElseGet(Json::object);
    }

    private void change(Consumer<Map<String, JsonNode>> step) {
        changing.lock();
        try {
            var members = new LinkedHashMap<String, JsonNode>();
            kept().entries().forEach(it -> members.put(it.getKey(), it.getValue()));
            step.accept(members);
            documents.keep(database.key(), DOCUMENT, answers.text(JsonNode.createObjectNode(members)));
        } finally {
            changing.unlock();
        }
    }
}
