package dev.holdfast.dialects.dispatcharr;

import dev.holdfast.application.access.CredentialChain;
import io.micronaut.json.tree.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the accounts that a kept credential depends on. */
final class StoredLinks {
    private StoredLinks() {}

    /** Empty if one of them cannot be read: what depends on it opens nothing then. */
    static Optional<List<CredentialChain.Link>> read(@Nullable JsonNode texts) {
        if (texts == null || !texts.isArray()) {
            return Optional.empty();
        }
        var links = new ArrayList<CredentialChain.Link>();
        for (JsonNode text : texts.values()) {
            Optional<CredentialChain.Link> link =
                    text.isString() ? CredentialChain.Link.parse(text.getStringValue()) : Optional.empty();
            if (link.isEmpty()) {
                return Optional.empty();
            }
            links.add(link.get());
        }
        return Optional.of(links);
    }
}
