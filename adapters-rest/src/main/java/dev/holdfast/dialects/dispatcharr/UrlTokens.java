package dev.holdfast.dialects.dispatcharr;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.application.access.token.DialectTokens;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.identity.BackupKey;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens of 32 hex digits that stand in addresses. That of a task tells how it stands. That of a download opens the
 * bytes for which it was given, and ends with the hour after the next full one: within an hour it is the same on every
 * call, as with the original. Each ends with any account of the {@link CredentialChain} of the caller who asked for it.
 *
 * <p>32 digits have no room for a chain, so it is kept under the token's SHA-256: a copy of what is kept opens nothing.
 * Of more than {@value #MOST} the oldest is given up.
 */
@Singleton
public final class UrlTokens {
    static final int MOST = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(UrlTokens.class);
    private static final String DOCUMENT = "dispatcharr.url-tokens";
    private static final String TASK = "dispatcharr-task";
    private static final String DOWNLOAD = "dispatcharr-download";
    private static final int LENGTH = 32;
    private static final long HOUR = 3600;
    private static final String OPENS = "opens";
    private static final String OF = "of";
    private static final String CHAIN = "chain";
    private static final String SHA256 = "sha256";
    private static final String END = "end";

    private final DialectDocuments documents;
    private final DispatcharrDatabase database;
    private final DialectTokens tokens;
    private final StandingAccounts standing;
    private final InstantSource clock;
    private final DispatcharrResponses answers;
    private final ReentrantLock changing = new ReentrantLock();

    UrlTokens(
            DialectDocuments documents,
            DispatcharrDatabase database,
            DialectTokens tokens,
            StandingAccounts standing,
            InstantSource clock,
            DispatcharrResponses answers) {
        this.documents = documents;
        this.database = database;
        this.tokens = tokens;
        this.standing = standing;
        this.clock = clock;
        this.answers = answers;
    }

    /** What a token is for the task or the name in whose address it stands. */
    public enum Verdict {
        OPENS,
        /** It would, but an account that it depends on is not what it was. */
        DESERTED,
        WRONG
    }

    /** The task has begun already: where nothing can be kept now, its token is given all the same, and opens nothing. */
    public String task(String id, CredentialChain chain) {
        String token = token(TASK, id, "", chain);
        try {
            keep(token, entry(TASK, id, chain));
        } catch (RuntimeException e) {
            LOG.warn("The token of task {} cannot be kept and will be refused; an admin can ask without it.", id, e);
        }
        return token;
    }

    public Verdict ofTask(String token, String id) {
        return find(token, TASK, id).map(this::verdict).orElse(Verdict.WRONG);
    }

    public String download(BackupKey key, Sha256 sha256, CredentialChain chain) {
        long hours = (clock.instant().getEpochSecond() / HOUR + 2) * HOUR;
        long end = chain.bounded(Instant.ofEpochSecond(hours)).getEpochSecond();
        String token = token(DOWNLOAD, key.value(), end + "/" + sha256, chain);
        var entry = new LinkedHashMap<>(entry(DOWNLOAD, key.value(), chain));
        entry.put(SHA256, JsonNode.createStringNode(sha256.hex()));
        entry.put(END, JsonNode.createNumberNode(end));
        keep(token, entry);
        return token;
    }

    public Verdict ofDownload(String token, String name) {
        return find(token, DOWNLOAD, name)
                .filter(it -> !isOver(it))
                .map(this::verdict)
                .orElse(Verdict.WRONG);
    }

    /** The account that a token opens a download for; empty unless it opens the download now. */
    public Optional<String> accountOfDownload(String token, String name) {
        return find(token, DOWNLOAD, name)
                .filter(it -> !isOver(it))
                .flatMap(UrlTokens::chain)
                .flatMap(standing::identifyUnchanged)
                .map(Identity::name);
    }

    /** Whether the token was given for these bytes. */
    public boolean isFor(String token, String name, Sha256 sha256) {
        return find(token, DOWNLOAD, name)
                .flatMap(it -> Json.text(it, SHA256))
                .filter(sha256.hex()::equals)
                .isPresent();
    }

    private Verdict verdict(JsonNode entry) {
        return chain(entry).flatMap(standing::identifyUnchanged).isPresent() ? Verdict.OPENS : Verdict.DESERTED;
    }

    private boolean isOver(JsonNode entry) {
        return Optional.ofNullable(entry.get(END))
                .filter(it -> it.getLongValue() <= clock.instant().getEpochSecond())
                .isPresent();
    }

    private String token(String kind, String of, String more, CredentialChain chain) {
        String depends = String.join("\n", links(chain).toList());
        return tokens.mark(kind, of + "\n" + more + "\n" + depends).substring(0, LENGTH);
    }

    private static Stream<String> links(CredentialChain chain) {
        return Stream.concat(Stream.of(chain.holder().text()), chain.lendersAsText().stream());
    }

    private static Map<String, JsonNode> entry(String opens, String of, CredentialChain chain) {
        var entry = new LinkedHashMap<String, JsonNode>();
        entry.put(OPENS, JsonNode.createStringNode(opens));
        entry.put(OF, JsonNode.createStringNode(of));
        entry.put(CHAIN, Json.texts(links(chain).toList()));
        return entry;
    }

    private static Optional<CredentialChain> chain(JsonNode entry) {
        return StoredLinks.read(entry.get(CHAIN))
                .filter(it -> !it.isEmpty())
                .map(it -> new CredentialChain(it.getFirst(), it.subList(1, it.size())));
    }

    private Optional<JsonNode> find(String token, String opens, String of) {
        return token.matches("[0-9a-f]{" + LENGTH + "}")
                ? Optional.ofNullable(kept().get(digest(token)))
                        .filter(it -> Json.text(it, OPENS).filter(opens::equals).isPresent())
                        .filter(it -> Json.text(it, OF).filter(of::equals).isPresent())
                : Optional.empty();
    }

    private static String digest(String token) {
        return HexFormat.of().formatHex(Sha256.newDigest().digest(token.getBytes(US_ASCII)));
    }

    private JsonNode kept() {
        return documents.find(database.key(), DOCUMENT).map(answers::readKept).orElseGet(Json::object);
    }

    private void keep(String token, Map<String, JsonNode> entry) {
        changing.lock();
        try {
            JsonNode before = kept();
            if (before.get(digest(token)) != null) {
                return;
            }
            var members = new LinkedHashMap<String, JsonNode>();
            before.entries().forEach(it -> {
                if (!isOver(it.getValue())) {
                    members.put(it.getKey(), it.getValue());
                }
            });
            members.put(digest(token), JsonNode.createObjectNode(entry));
            List<String> keys = List.copyOf(members.keySet());
            keys.subList(0, Math.max(0, keys.size() - MOST)).forEach(members::remove);
            documents.keep(database.key(), DOCUMENT, answers.text(JsonNode.createObjectNode(members)));
        } finally {
            changing.unlock();
        }
    }
}
