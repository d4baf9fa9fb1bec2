package dev.holdfast.application.settings;

import dev.holdfast.domain.identity.DatabaseName;
import java.util.Optional;

/**
 * Keeps one text for each of an API's names and a database, across restarts. It may hold secrets, and lies where only the
 * server's user can read it. Durable when a method returns. Safe for use by several threads.
 */
public interface DialectDocuments {
    /** @param name of the document, for example {@code pocketbase.settings} */
    Optional<String> find(DatabaseName database, String name);

    /** Replaces what was kept. */
    void keep(DatabaseName database, String name, String content);
}
