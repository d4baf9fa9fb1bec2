package dev.holdfast.bootstrap;

import dev.holdfast.application.operation.OperationEvents;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
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
final class AfterRestore implements OperationEvents {
    private static final Logger LOG = LoggerFactory.getLogger(AfterRestore.class);
    private static final int MAX_SHOWN_BYTES = 4 << 10;

    /** How often the size of the output is looked at. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final String OWN = "HOLDFAST_";
    private static final Duration IDLE = Duration.ofSeconds(1);

    private final Map<DatabaseName, DatabaseSettings> commands;
    private final Map<DatabaseName, Executor> turns;

    AfterRestore(Collection<DatabaseSettings> databases) {
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
        try (CommandOutput output = CommandOutput.create()) {
            run(database, backup, output);
        } catch (IOException e) {
            LOG.error("database {}: the command after a restore cannot be run: {}", database.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(DatabaseSettings database, BackupKey backup, CommandOutput output)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(database.afterRestore())
                .redirectErrorStream(true)
                .redirectOutput(output.redirect());
        builder.environment().keySet().removeIf(it -> it.startsWith(OWN));
        builder.environment().put("HOLDFAST_DATABASE", database.name().value());
        builder.environment().put("HOLDFAST_BACKUP", backup.value());
        Process process = builder.start();
        try {
            output.unlink();
            process.getOutputStream().close();
            boolean ended = awaitEnd(process, database.afterRestoreTimeout(), output);
            log(database, output);
            if (ended) {
                report(database, process.exitValue());
            } else {
                LOG.error(
                        "database {}: the command after a restore has not ended within {}",
                        database.name(),
                        database.afterRestoreTimeout());
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Waits for the command's own process. What it has started and left running is not waited for. */
    private static boolean awaitEnd(Process process, Duration timeout, CommandOutput output)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            long left = deadline - System.nanoTime();
            if (process.waitFor(Math.clamp(left, 0, LOOK.toNanos()), TimeUnit.NANOSECONDS)) {
                return true;
            }
            if (left <= 0) {
                return false;
            }
            output.limit();
        }
    }

    private static void report(DatabaseSettings database, int code) {
        if (code == 0) {
            LOG.info("database {}: the command after the restore has run", database.name());
        } else {
            LOG.error("database {}: the command after the restore ended with {}", database.name(), code);
        }
    }

    /** On one line, and without what a terminal obeys: nobody may write what looks like lines of the log. */
    static String printable(String text) {
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

    private static void log(DatabaseSettings database, CommandOutput output) throws IOException {
        String said = output.last(MAX_SHOWN_BYTES);
        if (!said.isEmpty()) {
            LOG.info("database {}: the command after the restore says: {}", database.name(), printable(said));
        }
    }
}
