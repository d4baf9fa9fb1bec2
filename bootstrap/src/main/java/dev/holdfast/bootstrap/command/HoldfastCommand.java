package dev.holdfast.bootstrap.command;

import dev.holdfast.bootstrap.settings.InvalidSettingException;
import dev.holdfast.bootstrap.start.StartupException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line's root. */
@Command(
        name = "holdfast",
        description = "A backup server for SQLite.",
        versionProvider = HoldfastCommand.Version.class,
        subcommands = {
            ServeCommand.class,
            UserCommand.class,
            TokenCommand.class,
            StoreCommand.class,
            DatabaseCommand.class,
            HelpCommand.class
        },
        footer = {
            "",
            "Environment: every key of the settings as HOLDFAST_…, and",
            "  HOLDFAST_JAVA_OPTS       options for the JVM, for example -Xmx128m",
            "  HOLDFAST_ADMIN_USERNAME  with HOLDFAST_ADMIN_PASSWORD: makes the first admin",
            "  HOLDFAST_LOG_FORMAT      text or json",
        })
public final class HoldfastCommand implements Callable<Integer> {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help and ends.")
    boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Shows the version and ends.")
    boolean version;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    /** @return the process's exit code: 0, 1 for a failure, 2 for a wrong command line */
    public static int run(String... arguments) {
        return new CommandLine(new HoldfastCommand())
                .setOverwrittenOptionsAllowed(true)
                .setExecutionExceptionHandler((exception, command, parsed) -> {
                    if (exception instanceof InvalidSettingException || exception instanceof StartupException) {
                        String.valueOf(exception.getMessage())
                                .lines()
                                .forEach(it -> command.getErr().println("holdfast: " + it));
                        return CommandLine.ExitCode.SOFTWARE;
                    }
                    throw exception;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Which command? For example: holdfast serve");
    }

    /** From the jar's manifest, which the build writes. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = HoldfastCommand.class.getPackage().getImplementationVersion();
            return new String[] {"holdfast " + (version == null ? "development" : version)};
        }
    }
}
