package dev.holdfast.bootstrap.server;

import dev.holdfast.application.operation.OperationEvents;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an application that its files have been replaced, by a command that its database's settings name: it is another
 * process, and may have to open them anew. No shell reads the command. Nobody waits for it, and it ends after its time;
 * that of the next restore of the database begins when it has ended. Of several that wait for that only the last one runs:
 * whoever opens the files then sees what the others brought as well. What the server's own environment says to the server,
 * passwords among it, is not for the command.
 */
public final class AfterRestore implements OperationEvents {
    private static final Logger LOG = LoggerFactory.getLogger(AfterRestore.class);

    /** How long a program that the command has left running can delay what the log shows. */
    private static final Duration MOMENT = Duration.ofMillis(200);

    private static final String OWN = "HOLDFAST_";
    private static final Duration IDLE = Duration.ofSeconds(1);

    private final Map<DatabaseName, DatabaseSettings> commands;
    private final Map<DatabaseName, Executor> turns;

    public AfterRestore(Collection<DatabaseSettings> databases) {
        commands = databases.stream()
                .filter(it -> !it.afterRestore().isEmpty())
                .collect(Collectors.toMap(DatabaseSettings::name, Function.identity()));
        turns = commands.keySet().stream().collect(Collectors.toMap(Function.identity(), AfterRestore::oneAtATime));
    }

    private static Executor oneAtATime(DatabaseName database) {
        var turns = new ThreadPoolExecutor(
                1,
                1,
                IDLE.toMillis(),
                TimeUnit.MILLISECONDS,
                new ArrayBlockingQueue<>(1),
                Thread.ofVirtual().name("after-restore-" + database).factory(),
                new ThreadPoolExecutor.DiscardOldestPolicy());
        turns.allowCoreThreadTimeOut(true);
        return turns;
    }

    @Override
    public void ended(Operation operation) {
        DatabaseSettings database = commands.get(operation.database());
        Executor turn = turns.get(operation.database());
        if (database != null && turn != null && mayHaveReplaced(operation)) {
            BackupKey backup = operation.subject().orElseThrow();
            turn.execute(() -> run(database, backup));
        }
    }

    /** Also where the server was ended in the middle: to open the files anew is never wrong, not to may be. */
    private static boolean mayHaveReplaced(Operation operation) {
        return operation.kind() == OperationKind.RESTORE
                && (operation.result().isPresent()
                        || (!operation.phase().isCancellable()
                                && operation
                                        .failure()
                                        .filter(it -> it.code().equals(Failure.INTERRUPTED))
                                        .isPresent()));
    }

    private static void run(DatabaseSettings database, BackupKey backup) {
        try {
            Optional<CommandOutput> output = output(database);
            Process process = start(database, backup, output);
            try {
                process.getOutputStream().close();
                // What the command has started and left running is not waited for.
                boolean ended = process.waitFor(database.afterRestoreTimeout().toNanos(), TimeUnit.NANOSECONDS);
                if (output.isPresent()) {
                    log(database, output.get().last(MOMENT));
                }
                report(database, process, ended);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (IOException e) {
            LOG.error("database {}: the command after a restore cannot be run: {}", database.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The application has to know of the restore, also where the output cannot be read. */
    private static Optional<CommandOutput> output(DatabaseSettings database) {
        try {
            return Optional.of(CommandOutput.open());
        } catch (IOException e) {
            LOG.warn(
                    "database {}: the command after the restore runs, but its output cannot be shown: {}",
                    database.name(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private static Process start(DatabaseSettings database, BackupKey backup, Optional<CommandOutput> output)
            throws IOException {
        try {
            var builder = new ProcessBuilder(database.afterRestore())
                    .redirectErrorStream(true)
                    .redirectOutput(output.map(CommandOutput::redirect).orElse(Redirect.DISCARD));
            builder.environment().keySet().removeIf(it -> it.startsWith(OWN));
            builder.environment().put("HOLDFAST_DATABASE", database.name().value());
            builder.environment().put("HOLDFAST_BACKUP", backup.value());
            return builder.start();
        } finally {
            output.ifPresent(CommandOutput::close);
        }
    }

    private static void report(DatabaseSettings database, Process process, boolean ended) {
        if (!ended) {
            LOG.error(
                    "database {}: the command after a restore has not ended within {}",
                    database.name(),
                    database.afterRestoreTimeout());
        } else if (process.exitValue() == 0) {
            LOG.info("database {}: the command after the restore has run", database.name());
        } else {
            LOG.error("database {}: the command after the restore ended with {}", database.name(), process.exitValue());
        }
    }

    /** On one line, and without what a terminal obeys: nobody may write what looks like lines of the log. */
    public static String printable(String text) {
        var printable = new StringBuilder();
        text.codePoints().forEach(it -> {
            switch (Character.getType(it)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> printable.append(it == '\n' ? "\\n" : "\\u{%x}".formatted(it));
                default -> printable.appendCodePoint(it);
            }
        });
        return printable.toString();
    }

    private static void log(DatabaseSettings database, String said) {
        if (!said.isEmpty()) {
            LOG.info("database {}: the command after the restore says: {}", database.name(), printable(said));
        }
    }
}
