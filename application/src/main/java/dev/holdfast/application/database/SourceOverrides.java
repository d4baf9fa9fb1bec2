package dev.holdfast.application.database;

import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What clients have chosen of what belongs to a database's backups, beside its settings. In force at once. */
@FunctionalInterface
public interface SourceOverrides {
    SourceOverrides NONE = _ -> Choice.NONE;

    Choice of(DatabaseName database);

    /**
     * @param added directories, beside those that are set
     * @param layout of new backups; empty, or none of the profile's, for what is set
     * @param leftOut which directories new backups go without; they are restored all the same from those that have them
     */
    record Choice(List<Path> added, Optional<Layout> layout, Predicate<Path> leftOut) {
        public static final Choice NONE = new Choice(List.of(), Optional.empty(), _ -> false);

        RegisteredDatabase over(RegisteredDatabase registered) {
            Database database = registered.database();
            Source source = registered.database().source();
            List<Path> directories = Stream.concat(source.directories().stream(), added.stream())
                    .distinct()
                    .toList();
            return new RegisteredDatabase(
                    new Database(
                            database.name(),
                            new Source(source.main(), source.extraFiles(), directories),
                            database.profile(),
                            database.prefix(),
                            layout.filter(database.profile().layouts()::contains)
                                    .orElse(database.layout()),
                            database.compression()),
                    registered.store(),
                    directories.stream().filter(leftOut).collect(Collectors.toUnmodifiableSet()));
        }
    }
}
