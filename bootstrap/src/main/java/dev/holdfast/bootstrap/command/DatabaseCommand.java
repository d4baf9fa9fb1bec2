package dev.holdfast.bootstrap.command;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.location.ConfirmLocation;
import dev.holdfast.application.location.ConfirmLocation.Confirmation;
import dev.holdfast.application.location.ConfirmLocation.Moved;
import dev.holdfast.application.location.ConfirmLocation.Registered;
import dev.holdfast.application.location.Locations;
import dev.holdfast.bootstrap.settings.Settings;
import dev.holdfast.bootstrap.start.DataDirectory;
import dev.holdfast.bootstrap.start.SettingsFiles;
import dev.holdfast.catalogue.Catalogue;
import dev.holdfast.domain.problem.Problem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "database", aliases = "databases", description = "The databases. Works while a server runs.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class DatabaseCommand implements Runnable {
    private static final int FAILED = 1;
    private static final int NOT_FOUND = 3;

    /** For the audit. */
    private static final String WHO = "command line";

    @Mixin
    SharedOptions common;

    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "confirm",
            description = "Accepts the places that the paths of a database lead to now, after they have changed.")
    int confirm(
            @Mixin SharedOptions where,
            @Parameters(paramLabel = "NAME", description = "The database.") String name,
            @Option(
                            names = "--path",
                            paramLabel = "P",
                            description = "Accepts only this place; all that are found if not given.")
                    @Nullable
                    String path) {
        var settings = Settings.read(where.config(), System.getenv(), where.settings());
        DataDirectory data = DataDirectory.existing(settings.dataDir());
        data.loadSqlite();
        try (Catalogue catalogue = Catalogue.open(data.catalogue())) {
            settings.requireApart(SettingsFiles.accepted(catalogue));
            var locations = new Locations(
                    catalogue.locations(), SettingsFiles.places(settings, data, catalogue, _ -> List.of()));
            var databases = SettingsFiles.databases(settings);
            ConfirmLocation confirmLocation =
                    ConfirmLocation.using(databases, locations, catalogue.audit(), InstantSource.system());
            return tell(Outcome.attempt(() -> databases
                    .apply(name)
                    .then(it -> confirm(confirmLocation, it, places(locations, it, Optional.ofNullable(path))))));
        }
    }

    private static List<String> places(Locations locations, Registered database, Optional<String> path) {
        return path.map(List::of)
                .orElseGet(() -> locations.newPlaces(database.name(), database.source()).stream()
                        .map(Path::toString)
                        .toList());
    }

    private static Outcome<Confirmation> confirm(
            ConfirmLocation confirmLocation, Registered database, List<String> places) {
        List<Moved> confirmed = new ArrayList<>();
        for (String place : places) {
            switch (confirmLocation.confirm(database.name().value(), place, WHO)) {
                case Outcome.Done<Confirmation>(Confirmation one) -> confirmed.addAll(one.confirmed());
                case Outcome.Refused<Confirmation> refused -> {
                    return refused;
                }
            }
        }
        return Outcome.done(new Confirmation(database.name(), confirmed));
    }

    private int tell(Outcome<Confirmation> outcome) {
        return switch (outcome) {
            case Outcome.Done<Confirmation>(Confirmation confirmation) -> {
                PrintWriter out = spec.commandLine().getOut();
                out.println(confirmation.detail());
                out.flush();
                yield 0;
            }
            case Outcome.Refused<Confirmation>(Problem problem) -> {
                PrintWriter err = spec.commandLine().getErr();
                err.println("holdfast: " + problem.detail());
                err.flush();
                yield problem instanceof Problem.DatabaseNotFound ? NOT_FOUND : FAILED;
            }
        };
    }
}
