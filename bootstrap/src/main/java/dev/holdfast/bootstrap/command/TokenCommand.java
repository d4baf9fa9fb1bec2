package dev.holdfast.bootstrap.command;

import dev.holdfast.domain.access.ServiceToken;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "token", description = "Tokens that services sign in with. Works while a server runs.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class TokenCommand implements Runnable {
    @Mixin
    SharedOptions common;

    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "create", description = "Makes a token and shows it, this once.")
    int create(
            @Mixin SharedOptions where,
            @Option(names = "--name", required = true, paramLabel = "N") String name,
            @Option(names = "--role", required = true, paramLabel = "R", description = "admin, operator or viewer")
                    String role,
            @Option(names = "--days", paramLabel = "D", description = "How long it is valid; for ever if not given.")
                    @Nullable
                    Integer days) {
        var parsed = AccountsAccess.role(spec, role);
        return AccountsAccess.making(
                where,
                accounts -> AccountsAccess.tell(
                        spec,
                        accounts.createToken(
                                name, parsed, Optional.ofNullable(days).map(Duration::ofDays)),
                        made -> out().println(made.text())));
    }

    @Command(name = "list", description = "Lists the tokens, never the tokens themselves.")
    int list(@Mixin SharedOptions where) {
        return AccountsAccess.existing(where, accounts -> {
            accounts.tokens().forEach(token -> out().println(describe(token)));
            out().flush();
            return 0;
        });
    }

    @Command(name = "revoke", description = "Makes a token invalid at once.")
    int revoke(@Mixin SharedOptions where, @Parameters(paramLabel = "NAME") String name) {
        return AccountsAccess.existing(
                where,
                accounts -> AccountsAccess.tell(
                        spec, accounts.revokeToken(name), it -> out().println("Revoked " + it + ".")));
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static String describe(ServiceToken token) {
        return token.name() + "\t" + token.role().id() + "\t"
                + token.expiresAt().map(it -> "expires " + it).orElse("never expires");
    }
}
