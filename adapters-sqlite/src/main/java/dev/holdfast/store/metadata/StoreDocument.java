package dev.holdfast.store.metadata;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.application.store.StoreId;
import dev.holdfast.domain.identity.DatabaseName;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The content of {@code store.json}, as one JSON object. Fields that a later version adds are passed over.
 *
 * @param databases that the store serves
 * @param formerNames the earlier names of a database, by its name now
 */
public record StoreDocument(StoreId id, Set<DatabaseName> databases, Map<DatabaseName, Set<DatabaseName>> formerNames) {
    /** Becomes another number only when a field of today changes its meaning. */
    private static final int VERSION = 1;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    public StoreDocument {
        databases = Set.copyOf(databases);
        formerNames = Map.copyOf(formerNames);
    }

    /** The text is not a store's identity, or one of a later version. */
    public static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableException(String message) {
            super(message);
        }
    }

    public Set<DatabaseName> formerNames(DatabaseName database) {
        return formerNames.getOrDefault(database, Set.of());
    }

    /** The databases that had the name {@code database} before. */
    public Set<DatabaseName> calledBefore(DatabaseName database) {
        return formerNames.entrySet().stream()
                .filter(it -> it.getValue().contains(database))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * As it is when it serves {@code database} too.
     *
     * @param former all former names of that database
     */
    public StoreDocument serving(DatabaseName database, Set<DatabaseName> former) {
        Set<DatabaseName> serving = new TreeSet<>(databases);
        serving.add(database);
        Map<DatabaseName, Set<DatabaseName>> names = new TreeMap<>(formerNames);
        if (former.isEmpty()) {
            names.remove(database);
        } else {
            names.put(database, Set.copyOf(former));
        }
        return new StoreDocument(id, serving, names);
    }

    byte[] write() throws IOException {
        ObjectNode json = JSON.createObjectNode().put("format", VERSION).put("id", id.value());
        write(json.putArray("databases"), databases);
        ObjectNode former = json.putObject("former_names");
        new TreeMap<>(formerNames).forEach((name, names) -> write(former.putArray(name.value()), names));
        return JSON.writeValueAsBytes(json);
    }

    private static void write(ArrayNode array, Set<DatabaseName> names) {
        new TreeSet<>(names).forEach(it -> array.add(it.value()));
    }

    static StoreDocument read(byte[] text) throws UnreadableException {
        try {
            JsonNode json = JSON.readTree(text);
            int format = json.path("format").asInt();
            if (format != VERSION) {
                throw new UnreadableException("format: " + format + " (expected: " + VERSION + ")");
            }
            Map<DatabaseName, Set<DatabaseName>> former = new TreeMap<>();
            for (Map.Entry<String, JsonNode> entry : json.path("former_names").properties()) {
                former.put(new DatabaseName(entry.getKey()), names(entry.getValue()));
            }
            return new StoreDocument(new StoreId(json.path("id").asText()), names(json.path("databases")), former);
        } catch (JsonProcessingException e) {
            throw new UnreadableException(e.getOriginalMessage());
        } catch (IOException | IllegalArgumentException e) {
            throw new UnreadableException(String.valueOf(e.getMessage()));
        }
    }

    private static Set<DatabaseName> names(JsonNode array) {
        Set<DatabaseName> names = new TreeSet<>();
        array.forEach(it -> names.add(new DatabaseName(it.asText())));
        return names;
    }
}
