package dev.holdfast.http.dialect;

import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.domain.identity.DatabaseName;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps documents as long as the test runs. */
public final class DocumentsInMemory implements DialectDocuments {
    private final Map<String, String> documents = new ConcurrentHashMap<>();

    @Override
    public Optional<String> find(DatabaseName database, String name) {
        return Optional.ofNullable(documents.get(database + "/" + name));
    }

    @Override
    public void keep(DatabaseName database, String name, String content) {
        documents.put(database + "/" + name, content);
    }

    /** Of all that are kept. */
    public Collection<String> contents() {
        return List.copyOf(documents.values());
    }
}
