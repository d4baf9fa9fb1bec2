package dev.holdfast.bootstrap.command;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a password comes from: the terminal, twice and unseen, or standard input. Never an argument. */
final class PasswordInput {
    @Option(names = "--password-stdin", description = "Reads the password from the first line of standard input.")
    boolean fromStdin;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    String read() {
        return fromStdin ? firstLine() : fromTerminal();
    }

    private String firstLine() {
        try {
            @Nullable
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            if (line == null) {
                throw new ParameterException(spec.commandLine(), "Standard input ended before a password.");
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("SystemConsoleNull") // it is null, unless the JVM was told otherwise
    private String fromTerminal() {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            throw new ParameterException(spec.commandLine(), "There is no terminal to ask at; use --password-stdin.");
        }
        char[] first = console.readPassword("Password: ");
        char[] again = console.readPassword("Again: ");
        if (first == null || !Arrays.equals(first, again)) {
            throw new ParameterException(spec.commandLine(), "The two passwords differ.");
        }
        return new String(first);
    }
}
