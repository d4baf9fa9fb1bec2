package dev.holdfast.http.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.util.Optional;

/** A body that is one JSON value and nothing else. */
public final class JsonText {
    private static final JsonFactory TOKENS = new JsonFactory();

    private JsonText() {}

    /** @return empty if it is none */
    public static Optional<JsonNode> read(JsonMapper json, byte[] text) {
        try {
            JsonNode tree = json.readValue(text, Argument.of(JsonNode.class));
            return Optional.ofNullable(tree).filter(_ -> nothingFollows(text));
        } catch (IOException e) {
            return Optional.empty(); // told to the client as what it is
        }
    }

    /** The mapper stops behind the first value. */
    private static boolean nothingFollows(byte[] text) {
        try (JsonParser parser = TOKENS.createParser(text)) {
            parser.nextToken();
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false; // what follows is not even a value
        }
    }
}
