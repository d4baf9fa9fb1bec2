package dev.holdfast.dialects.jobops;

import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.domain.identity.DatabaseName;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The tokens that were given back before their time was over. Kept, for a restart must not make them good again. */
@Singleton
final class RevokedTokens {
    private static final String DOCUMENT = "jobops.signed-out";

    private final DialectDocuments documents;
    private final JobOpsDatabase database;
    private final JsonMapper json;
    private final JobOpsResponses answers;
    private final InstantSource clock;

    /** When each would have ended, by its id; empty until somebody asks. */
    private Optional<Map<String, Instant>> known = Optional.empty();

    RevokedTokens(
            DialectDocuments documents,
            JobOpsDatabase database,
            JsonMapper json,
            JobOpsResponses answers,
            InstantSource clock) {
        this.documents = documents;
        this.database = database;
        this.json = json;
        this.answers = answers;
        this.clock = clock;
    }

    synchronized boolean contains(String id) {
        return known().containsKey(id);
    }

    synchronized void add(String id, Instant end) {
        Map<String, Instant> all = known();
        Instant now = clock.instant();
        all.values().removeIf(it -> it.isBefore(now));
        all.put(id, end);
        var tree = new Tree();
        all.forEach((name, until) -> tree.put(name, until.toString()));
        documents.keep(new DatabaseName(database.name()), DOCUMENT, answers.text(tree.node()));
    }

    private Map<String, Instant> known() {
        if (known.isEmpty()) {
            var read = new LinkedHashMap<String, Instant>();
            documents
                    .find(new DatabaseName(database.name()), DOCUMENT)
                    .map(this::read)
                    .ifPresent(tree -> tree.entries()
                            .forEach(it -> read.put(
                                    it.getKey(), Instant.parse(it.getValue().getStringValue()))));
            known = Optional.of(read);
        }
        return known.orElseThrow();
    }

    private JsonNode read(String text) {
        try {
            return json.readValue(text, Argument.of(JsonNode.class));
        } catch (IOException e) {
            throw new UncheckedIOException("what was kept is JSON", e);
        }
    }
}
