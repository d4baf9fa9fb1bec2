package dev.holdfast.bootstrap.command;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.stores.ConfirmStore;
import dev.holdfast.application.stores.ConfirmStore.Confirmation;
import dev.holdfast.bootstrap.server.LocalStores;
import dev.holdfast.bootstrap.settings.Settings;
import dev.holdfast.bootstrap.start.DataDirectory;
import dev.holdfast.catalogue.Catalogue;
import dev.holdfast.domain.problem.Problem;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "store", aliases = "stores", description = "Where backups are kept. Works while a server runs.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class StoreCommand implements Runnable {
    private static final int FAILED = 1;
    private static final int NOT_FOUND = 3;

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
            description = "Accepts the store of a database as it is now, after the server has refused it.")
    int confirm(
            @Mixin SharedOptions where,
            @Parameters(paramLabel = "NAME", description = "The store; a backup directory is \"local\".") String name,
            @Option(
                            names = "--database",
                            paramLabel = "D",
                            defaultValue = "default",
                            description = "Which database; \"default\" if not given.")
                    String database) {
        var settings = Settings.read(where.config(), System.getenv(), where.settings());
        DataDirectory data = DataDirectory.existing(settings.dataDir());
        data.loadSqlite();
        try (Catalogue catalogue = Catalogue.open(data.catalogue())) {
            settings.requireApart(catalogue.locations()::find); // a backup directory is confirmed where it leads now
            var random = new SecureRandom();
            InstantSource clock = InstantSource.system();
            return tell(ConfirmStore.using(
                            LocalStores.names(settings),
                            (it, audit) -> LocalStores.confirm(
                                    settings, it, data.serverId(random), catalogue.stores(), random, clock, audit),
                            catalogue.audit(),
                            clock)
                    .confirm(name, database, SharedOptions.WHO));
        }
    }

    private int tell(Outcome<Confirmation> outcome) {
        return switch (outcome) {
            case Outcome.Done<Confirmation>(Confirmation confirmation) -> {
                PrintWriter out = spec.commandLine().getOut();
                out.println("Confirmed store " + confirmation.store() + ", id "
                        + confirmation.confirmed().id() + ". " + confirmation.detail());
                out.flush();
                yield 0;
            }
            case Outcome.Refused<Confirmation>(Problem problem) -> {
                PrintWriter err = spec.commandLine().getErr();
                err.println("holdfast: " + problem.detail());
                err.flush();
                yield switch (problem) {
                    case Problem.StoreNotFound _, Problem.DatabaseNotFound _ -> NOT_FOUND;
                    default -> FAILED;
                };
            }
        };
    }
}
