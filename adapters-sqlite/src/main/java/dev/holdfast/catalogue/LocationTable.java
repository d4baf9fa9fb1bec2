package dev.holdfast.catalogue;

import dev.holdfast.application.location.KnownLocation;
import dev.holdfast.application.location.KnownLocations;
import dev.holdfast.domain.identity.DatabaseName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The table {@code locations}. */
record LocationTable(Session writing, Session reading) implements KnownLocations {
    @Override
    public Optional<KnownLocation> find(Path registered) {
        return reading.run(it -> find(it, registered));
    }

    private static Optional<KnownLocation> find(Connection connection, Path registered) throws SQLException {
        return Sql.one(
                connection, LocationTable::read, "SELECT * FROM locations WHERE registered = ?", registered.toString());
    }

    @Override
    public List<KnownLocation> all() {
        return reading.run(it -> Sql.all(it, LocationTable::read, "SELECT * FROM locations ORDER BY registered"));
    }

    private static KnownLocation read(ResultSet row) throws SQLException {
        try {
            return new KnownLocation(
                    new DatabaseName(row.getString("database")),
                    Path.of(row.getString("registered")),
                    Path.of(row.getString("resolved")));
        } catch (IllegalArgumentException e) {
            throw new UnreadableRowException("location: " + e.getMessage(), e);
        }
    }

    @Override
    public void remember(KnownLocation location) {
        writing.run(it -> write(it, location));
    }

    @Override
    public boolean replace(KnownLocation before, KnownLocation now) {
        return writing.transact(it -> find(it, before.registered()).equals(Optional.of(before)) && write(it, now) > 0);
    }

    private static int write(Connection connection, KnownLocation location) throws SQLException {
        return Sql.update(
                connection,
                "INSERT OR REPLACE INTO locations (registered, database, resolved) VALUES (?, ?, ?)",
                location.registered().toString(),
                location.database().value(),
                location.resolved().toString());
    }

    @Override
    public void forget(Path registered) {
        writing.run(it -> Sql.update(it, "DELETE FROM locations WHERE registered = ?", registered.toString()));
    }
}
