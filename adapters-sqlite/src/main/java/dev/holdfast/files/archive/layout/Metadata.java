package dev.holdfast.files.archive.layout;

import static dev.holdfast.files.archive.member.ArchiveRejectedException.unfit;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.files.archive.member.MemberNames;
import java.io.IOException;

/**
 * What {@code metadata.json} of a Dispatcharr zip says.
 *
 * @param size of the database; -1 if it was not Holdfast that wrote this
 * @param sha256 of the database; empty if it was not Holdfast that wrote this
 */
public record Metadata(String databaseFile, long size, String sha256) {
    public static final int MOST_BYTES = 1 << 16;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Whether it is such a description at all, be the database of a kind that we can take or not. */
    static boolean namesDatabase(byte[] text) throws IOException {
        return json(text).path("database_file").isTextual();
    }

    /** As UTF-8: the library would guess the encoding. */
    private static JsonNode json(byte[] text) throws IOException {
        return JSON.readTree(new String(text, UTF_8));
    }

    public static Metadata read(byte[] text) throws IOException {
        JsonNode json;
        try {
            json = json(text);
        } catch (JsonProcessingException e) {
            throw unfit("metadata.json is no JSON");
        }
        String type = json.path("database_type").asText("postgresql");
        if (!type.equals("sqlite")) {
            throw unfit("its database is of the type " + MemberNames.shown(type) + " (expected: sqlite)");
        }
        String file = json.path("database_file").asText("database.dump");
        if (MemberNames.fault(file) != null || file.contains("/") || file.equals(Dispatcharr.METADATA)) {
            throw unfit("metadata.json does not name a database file");
        }
        JsonNode own = json.path(Dispatcharr.OWN);
        return new Metadata(
                file, own.path("size").asLong(-1), own.path("sha256").asText(""));
    }
}
