package dev.holdfast.bootstrap.command;

import dev.holdfast.domain.access.User;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "user", description = "Accounts that sign in with a password. Works while a server runs.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class UserCommand implements Runnable {
    @Mixin
    SharedOptions common;

    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "add", description = "Adds a user; asks for the password at the terminal.")
    int add(
            @Mixin SharedOptions where,
            @Mixin PasswordInput password,
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--role", required = true, paramLabel = "ROLE", description = "admin, operator or viewer")
                    String role) {
        var parsed = AccountsAccess.role(spec, role);
        String text = password.read();
        return AccountsAccess.making(
                where,
                accounts -> AccountsAccess.tell(
                        spec,
                        accounts.addUser(name, parsed, text),
                        user -> out().println("Added " + describe(user) + ".")));
    }

    @Command(name = "list", description = "Lists the users.")
    int list(@Mixin SharedOptions where) {
        return AccountsAccess.existing(where, accounts -> {
            accounts.users().forEach(user -> out().println(describe(user)));
            out().flush();
            return 0;
        });
    }

    @Command(name = "remove", description = "Removes a user. What they signed in with stops to work at once.")
    int remove(@Mixin SharedOptions where, @Parameters(paramLabel = "NAME") String name) {
        return AccountsAccess.existing(
                where,
                accounts -> AccountsAccess.tell(
                        spec, accounts.removeUser(name), it -> out().println("Removed " + it + ".")));
    }

    @Command(name = "password", description = "Sets a user's password.")
    int password(
            @Mixin SharedOptions where, @Mixin PasswordInput password, @Parameters(paramLabel = "NAME") String name) {
        String text = password.read();
        return AccountsAccess.existing(
                where,
                accounts -> AccountsAccess.tell(
                        spec,
                        accounts.setPassword(name, text),
                        it -> out().println("The password of " + it + " is set.")));
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static String describe(User user) {
        return user.name() + "\t" + user.role().id();
    }
}
