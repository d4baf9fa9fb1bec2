package dev.holdfast.grpc;

import dev.holdfast.application.overview.ListDatabases.Overview;
import dev.holdfast.application.overview.ListDatabases.Planned;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.plan.Freshness.Standing;
import dev.holdfast.domain.profile.Profile;
import java.nio.file.Path;
import java.util.Optional;

/** Databases, and what a list of databases shows of them. */
public final class OverviewFixture {
    private OverviewFixture() {}

    public static Database database(String name) {
        return new Database(new DatabaseName(name), Source.of(Path.of("/data/" + name + ".db")), Profile.NATIVE, "app");
    }

    public static Overview overview(String name) {
        return new Overview(
                database(name),
                Optional.of(4096L),
                Optional.empty(),
                Optional.of(FakeOperations.NOON),
                3,
                12_288,
                1,
                new Planned(Optional.empty(), Optional.of(Standing.STALE), Optional.empty(), Optional.empty()),
                Optional.empty());
    }
}
