package dev.holdfast.catalogue;

import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.domain.identity.DatabaseName;
import java.util.Optional;

/** The table {@code documents}. */
record DocumentTable(Session writing, Session reading) implements DialectDocuments {
    @Override
    public Optional<String> find(DatabaseName database, String name) {
        return reading.run(it -> Sql.one(
                it,
                row -> row.getString("content"),
                "SELECT content FROM documents WHERE database = ? AND name = ?",
                database.value(),
                name));
    }

    @Override
    public void keep(DatabaseName database, String name, String content) {
        writing.run(it -> Sql.update(
                it,
                "INSERT OR REPLACE INTO documents (database, name, content) VALUES (?, ?, ?)",
                database.value(),
                name,
                content));
    }
}
