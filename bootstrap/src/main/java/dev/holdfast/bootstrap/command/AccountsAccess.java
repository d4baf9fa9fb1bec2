package dev.holdfast.bootstrap.command;

import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.AdministerAccounts.Change;
import dev.holdfast.application.access.AdministerAccounts.Reason;
import dev.holdfast.application.audit.AuditTrail;
import dev.holdfast.bootstrap.start.DataDirectory;
import dev.holdfast.catalogue.Catalogue;
import dev.holdfast.domain.access.Role;
import dev.holdfast.security.Argon2PasswordHashing;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Opens the catalogue of a data directory, where a server may be running, for one change of its accounts. */
final class AccountsAccess {
    private AccountsAccess() {}

    /** For what adds: a data directory that is not there yet is made. @return the exit code */
    static int making(SharedOptions common, Function<AdministerAccounts, Integer> use) {
        return with(DataDirectory.at(common.resolvedDataDir()), use);
    }

    /** For what looks or changes what is there. @return the exit code */
    static int existing(SharedOptions common, Function<AdministerAccounts, Integer> use) {
        return with(DataDirectory.existing(common.resolvedDataDir()), use);
    }

    private static int with(DataDirectory data, Function<AdministerAccounts, Integer> use) {
        data.loadSqlite();
        try (Catalogue catalogue = Catalogue.open(data.catalogue())) {
            var random = new SecureRandom();
            InstantSource clock = InstantSource.system();
            var audit = new AuditTrail(catalogue.audit(), Optional::empty);
            return use.apply(
                    AdministerAccounts.using(catalogue.accounts(), Argon2PasswordHashing.using(random), clock, random)
                            .auditedIn(audit, clock, SharedOptions.WHO));
        }
    }

    /** Tells what was made, or why nothing was. */
    static <T> int tell(CommandSpec spec, Change<T> change, Consumer<T> made) {
        PrintWriter err = spec.commandLine().getErr();
        return switch (change) {
            case Change.Made<T>(T value) -> {
                made.accept(value);
                spec.commandLine().getOut().flush();
                yield 0;
            }
            case Change.Refused<T>(Reason reason) -> {
                err.println("holdfast: " + reason.detail());
                err.flush();
                yield 1;
            }
        };
    }

    static Role role(CommandSpec spec, String id) {
        return Role.of(id)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "--role: " + id + " (expected: admin, operator or viewer)"));
    }
}
