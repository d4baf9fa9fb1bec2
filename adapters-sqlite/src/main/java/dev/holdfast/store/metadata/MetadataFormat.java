package dev.holdfast.store.metadata;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.domain.backup.Assessment;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.MainImage;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Suspicion;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a metadata file says, as one JSON object. Fields that a later version adds are passed over. */
final class MetadataFormat {
    /** Becomes another number only when a field of today changes its meaning. */
    private static final int VERSION = 1;

    private static final String AWAY_SINCE = "away_since";
    private static final String SIGHTINGS = "away_at_starts";

    /** Labels may hold any characters, also halves of pairs, which UTF-8 cannot write: hence the escapes. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private MetadataFormat() {}

    /** The text is not metadata of the artifact beside it. */
    static final class GarbledException extends Exception {
        private static final long serialVersionUID = 1L;

        GarbledException(String message) {
            super(message);
        }

        GarbledException(String message, Exception cause) {
            super(message, cause);
        }
    }

    /**
     * A foreign backup keeps the name that it came with.
     *
     * @param server that writes it
     * @param awaySince as in {@link Recorded}
     */
    static byte[] write(Backup backup, String server, Optional<Instant> awaySince) throws IOException {
        ObjectNode json = JSON.createObjectNode()
                .put("format", VERSION)
                .put("server", server)
                .put("filename", backup.key().value())
                .put("database", backup.foreign().orElse(backup.database()).value())
                .put("size", backup.size())
                .put("created_at", backup.createdAt().toString());
        backup.sha256().ifPresent(it -> json.put("sha256", it.hex()));
        json.put("origin", id(backup.origin())).put("layout", id(backup.layout()));
        json.set("verification", write(backup.verification()));
        backup.inconsistency().ifPresent(it -> json.put("inconsistency", it));
        json.put("pinned", backup.pinned());
        backup.ownership()
                .ifPresent(it -> json.putObject("source_file")
                        .put("uid", it.uid())
                        .put("gid", it.gid())
                        .put("mode", String.format("%04o", it.mode())));
        ObjectNode labels = json.putObject("labels");
        new TreeMap<>(backup.labels().values()).forEach(labels::put);
        backup.image().ifPresent(it -> json.set("image", write(it)));
        backup.assessment().ifPresent(it -> json.set("assessment", write(it)));
        awaySince.ifPresent(it -> json.put(AWAY_SINCE, it.toString()));
        return JSON.writeValueAsBytes(json);
    }

    /** Adds that the artifact was away, forgets the starts without it, and leaves everything else as it is. */
    static byte[] awaySince(byte[] text, Instant since) throws IOException, GarbledException {
        ObjectNode json = object(text).put(AWAY_SINCE, since.toString());
        json.remove(SIGHTINGS);
        return JSON.writeValueAsBytes(json);
    }

    /** Adds that the artifact is missing, and leaves everything else as it is. */
    static byte[] missing(byte[] text, Sightings sightings) throws IOException, GarbledException {
        ObjectNode json =
                object(text).put(AWAY_SINCE, sightings.times().getFirst().toString());
        ArrayNode times = json.putArray(SIGHTINGS);
        sightings.times().forEach(it -> times.add(it.toString()));
        return JSON.writeValueAsBytes(json);
    }

    private static ObjectNode object(byte[] text) throws IOException, GarbledException {
        if (JSON.readTree(text) instanceof ObjectNode json) {
            return json;
        }
        throw new GarbledException("not an object");
    }

    /** Which server has written it; empty text where it does not say. */
    static String server(byte[] text) throws IOException {
        try {
            return JSON.readTree(text).path("server").asText("");
        } catch (JsonProcessingException e) {
            return "";
        }
    }

    /** Which database it names; empty where it names none. */
    static Optional<DatabaseName> database(byte[] text) throws IOException {
        try {
            return Optional.of(JSON.readTree(text).path("database").asText(""))
                    .filter(DatabaseName::isValid)
                    .map(DatabaseName::new);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static ObjectNode write(Verification verification) {
        ObjectNode json = JSON.createObjectNode();
        return switch (verification) {
            case Verification.Unchecked() -> json.put("outcome", "unchecked");
            case Verification.Passed(Depth depth, Instant at, Optional<String> remark) -> {
                json.put("outcome", "passed").put("depth", id(depth)).put("at", at.toString());
                remark.ifPresent(it -> json.put("remark", it));
                yield json;
            }
            case Verification.Corrupt(Depth depth, Instant at, String finding) ->
                json.put("outcome", "corrupt")
                        .put("depth", id(depth))
                        .put("at", at.toString())
                        .put("finding", finding);
        };
    }

    private static ObjectNode write(MainImage image) {
        ObjectNode json = JSON.createObjectNode().put("size", image.size());
        image.changeCounter().ifPresent(it -> json.put("change_counter", it));
        return json;
    }

    private static ObjectNode write(Assessment assessment) {
        ObjectNode json = JSON.createObjectNode().put("era", assessment.era());
        assessment.restore().ifPresent(it -> json.put("restore", it.value()));
        assessment.suspicion().ifPresent(it -> json.set("suspicion", write(it)));
        return json;
    }

    private static ObjectNode write(Suspicion suspicion) {
        ObjectNode json = JSON.createObjectNode()
                .put("kind", id(suspicion.kind()))
                .put("since", suspicion.since().toString())
                .put("begins", suspicion.begins())
                .put("open", suspicion.open());
        ObjectNode reference = json.putObject("reference");
        suspicion.reference().size().ifPresent(it -> reference.put("size", it));
        suspicion.reference().changeCounter().ifPresent(it -> reference.put("change_counter", it));
        return json;
    }

    /**
     * The backup with the database that the metadata names, which need not be the one that is registered.
     *
     * @param key under which the metadata is stored; it has to say the same
     */
    static Recorded read(BackupKey key, byte[] text) throws GarbledException {
        return parse(text, json -> recorded(key, json));
    }

    /** As {@link #read(BackupKey, byte[])}, with the key that the text says. */
    static Recorded read(byte[] text) throws GarbledException {
        return parse(text, json -> recorded(new BackupKey(text(json, "filename")), json));
    }

    private interface Parsing {
        Recorded parse(JsonNode json) throws GarbledException;
    }

    private static Recorded parse(byte[] text, Parsing parsing) throws GarbledException {
        try {
            return parsing.parse(JSON.readTree(text));
        } catch (JsonProcessingException e) {
            throw new GarbledException(e.getOriginalMessage(), e); // the whole message quotes the file
        } catch (IOException | IllegalArgumentException | ArithmeticException | DateTimeException e) {
            throw new GarbledException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Recorded recorded(BackupKey key, JsonNode json) throws GarbledException {
        return new Recorded(
                read(key, json),
                json.has(AWAY_SINCE) ? Optional.of(Instant.parse(text(json, AWAY_SINCE))) : Optional.empty(),
                sightings(json.path(SIGHTINGS)));
    }

    /** None if one cannot be read: then they begin again. */
    private static Sightings sightings(JsonNode json) {
        try {
            List<Instant> times = new ArrayList<>();
            json.forEach(it -> times.add(Instant.parse(it.asText())));
            return new Sightings(times);
        } catch (DateTimeException e) {
            return Sightings.NONE;
        }
    }

    private static Backup read(BackupKey key, JsonNode json) throws GarbledException {
        int format = json.path("format").asInt();
        if (format != VERSION) {
            throw new GarbledException("format: " + format + " (expected: " + VERSION + ")");
        }
        if (!text(json, "filename").equals(key.value())) {
            throw new GarbledException("filename: not that of the artifact");
        }
        return new Backup(
                key,
                new DatabaseName(text(json, "database")),
                number(json, "size"),
                Instant.parse(text(json, "created_at")),
                json.has("sha256") ? Optional.of(new Sha256(text(json, "sha256"))) : Optional.empty(),
                constant(Origin.class, json, "origin"),
                constant(Layout.class, json, "layout"),
                verification(json.path("verification")),
                flag(json, "pinned"),
                new Backup.Labels(labels(json.path("labels"))),
                json.has("inconsistency") ? Optional.of(text(json, "inconsistency")) : Optional.empty(),
                ownership(json.path("source_file")),
                json.has("image") ? Optional.of(image(json.path("image"))) : Optional.empty(),
                json.has("assessment") ? Optional.of(assessment(json.path("assessment"))) : Optional.empty());
    }

    private static MainImage image(JsonNode json) throws GarbledException {
        return new MainImage(number(json, "size"), optionalNumber(json, "change_counter"));
    }

    private static Assessment assessment(JsonNode json) throws GarbledException {
        return new Assessment(
                Math.toIntExact(number(json, "era")),
                json.has("restore") ? Optional.of(new OperationId(text(json, "restore"))) : Optional.empty(),
                json.has("suspicion") ? Optional.of(suspicion(json.path("suspicion"))) : Optional.empty());
    }

    private static Suspicion suspicion(JsonNode json) throws GarbledException {
        JsonNode reference = json.path("reference");
        return new Suspicion(
                constant(Suspicion.Kind.class, json, "kind"),
                Instant.parse(text(json, "since")),
                flag(json, "begins"),
                flag(json, "open"),
                new Suspicion.Reference(
                        optionalNumber(reference, "size"), optionalNumber(reference, "change_counter")));
    }

    /** Only a restore to a place without a file needs it: where it cannot be read, the backup counts all the same. */
    private static Optional<FileOwnership> ownership(JsonNode json) {
        try {
            return json.isObject()
                    ? Optional.of(new FileOwnership(
                            json.path("uid").asInt(-1),
                            json.path("gid").asInt(-1),
                            Integer.parseInt(json.path("mode").asText(), 8)))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Verification verification(JsonNode json) throws GarbledException {
        String outcome = text(json, "outcome");
        return switch (outcome) {
            case "unchecked" -> new Verification.Unchecked();
            case "passed" ->
                new Verification.Passed(
                        constant(Depth.class, json, "depth"),
                        Instant.parse(text(json, "at")),
                        json.has("remark") ? Optional.of(text(json, "remark")) : Optional.empty());
            case "corrupt" ->
                new Verification.Corrupt(
                        constant(Depth.class, json, "depth"), Instant.parse(text(json, "at")), text(json, "finding"));
            default -> throw new GarbledException("outcome: not one that is known");
        };
    }

    private static Map<String, String> labels(JsonNode json) throws GarbledException {
        Map<String, String> labels = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> label : json.properties()) {
            labels.put(label.getKey(), text(json, label.getKey()));
        }
        return labels;
    }

    private static Optional<Long> optionalNumber(JsonNode json, String field) throws GarbledException {
        return json.has(field) ? Optional.of(number(json, field)) : Optional.empty();
    }

    private static long number(JsonNode json, String field) throws GarbledException {
        JsonNode number = json.path(field);
        if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
            throw new GarbledException(field + ": not a number of 0 or more");
        }
        return number.longValue();
    }

    private static boolean flag(JsonNode json, String field) throws GarbledException {
        if (!json.path(field).isBoolean()) {
            throw new GarbledException(field + ": neither true nor false");
        }
        return json.path(field).booleanValue();
    }

    private static String text(JsonNode json, String field) throws GarbledException {
        if (!json.path(field).isTextual()) {
            throw new GarbledException(field + ": not a text");
        }
        return json.path(field).textValue();
    }

    private static <E extends Enum<E>> E constant(Class<E> type, JsonNode json, String field) throws GarbledException {
        String id = text(json, field);
        for (E constant : type.getEnumConstants()) {
            if (id(constant).equals(id)) {
                return constant;
            }
        }
        throw new GarbledException(field + ": not one that is known");
    }

    private static String id(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
