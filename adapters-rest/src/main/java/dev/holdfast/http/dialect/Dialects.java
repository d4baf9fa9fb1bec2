package dev.holdfast.http.dialect;

import dev.holdfast.domain.identity.DatabaseName;
import java.util.Map;
import java.util.Optional;

/**
 * Which dialects are served.
 *
 * @param root the one that also answers without its prefix
 * @param databases what each is about; one without a database is not served
 * @param jobOpsDemo whether JobOps is served as its public demo is, which changes nothing
 */
public record Dialects(Optional<Dialect> root, Map<Dialect, DatabaseName> databases, boolean jobOpsDemo) {
    public static final Dialects NONE = new Dialects(Optional.empty(), Map.of(), false);

    public Dialects {
        databases = Map.copyOf(databases);
        if (root.isPresent() && !databases.containsKey(root.get())) {
            throw new IllegalArgumentException("root: " + root.get().id() + " (expected: a dialect with a database)");
        }
    }

    public boolean serves(Dialect dialect) {
        return databases.containsKey(dialect);
    }

    /** @param dialect that is served: nothing of another one is ever asked */
    public String database(Dialect dialect) {
        DatabaseName database = databases.get(dialect);
        if (database == null) {
            throw new IllegalStateException("dialect " + dialect.id() + ": not served");
        }
        return database.value();
    }
}
