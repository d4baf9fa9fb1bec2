package dev.holdfast.catalogue;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.User;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.testkit.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Another process that uses catalogues, driven line by line; its {@link #main} is what runs over there. */
final class CatalogueProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;

    private CatalogueProcess(Process process) {
        this.process = process;
        this.answers = process.inputReader(UTF_8);
    }

    /** It runs, and has printed that it does, when this returns. */
    static CatalogueProcess start(String name) throws IOException {
        var started = new CatalogueProcess(JavaProcess.start(
                List.of("-XX:TieredStopAtLevel=1", "-Xmx64m"), CatalogueProcess.class, List.of(name)));
        started.expect("ready");
        return started;
    }

    void ask(String verb, Path file) throws IOException {
        process.outputWriter(UTF_8).write(verb + " " + file + "\n");
        process.outputWriter(UTF_8).flush();
    }

    /** The next line; null when the process has ended. A process that hangs is ended by the test's own time limit. */
    @Nullable
    String answer() throws IOException {
        return answers.readLine();
    }

    void expect(String line) throws IOException {
        String answer = answer();
        if (!line.equals(answer)) {
            throw new AssertionError("process answered " + answer + " (expected: " + line + ")");
        }
    }

    /** Ends it at once, wherever it is, and returns what it had still printed. */
    List<String> kill() throws IOException {
        // Not through Process, which would close the pipe and lose what is in it.
        process.toHandle().destroyForcibly();
        List<String> rest = new ArrayList<>();
        for (String line = answer(); line != null; line = answer()) {
            rest.add(line);
        }
        awaitEnd();
        return rest;
    }

    private void awaitEnd() {
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        awaitEnd();
    }

    public static void main(String[] arguments) throws IOException {
        String name = arguments[0];
        System.out.println("ready");
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            int space = order.indexOf(' ');
            try (Catalogue catalogue = Catalogue.open(Path.of(order.substring(space + 1)))) {
                switch (order.substring(0, space)) {
                    case "add" -> addUser(catalogue, name);
                    case "save" -> saveForEver(catalogue);
                    case "claim" -> claims(catalogue.operations(), name).forEach(System.out::println);
                    default -> throw new IllegalArgumentException(order);
                }
            }
            System.out.println("done");
        }
    }

    static void addUser(Catalogue catalogue, String name) {
        catalogue.accounts().addUser(new User(new AccountName(name), Role.VIEWER, Instant.EPOCH), "hash");
    }

    private static void saveForEver(Catalogue catalogue) {
        for (int i = 0; ; i++) {
            String id = String.format(Locale.ROOT, "op-%07d", i);
            catalogue.operations().save(CatalogueOperationsTest.operation(id));
            // In one write, so that the pipe never holds half a line.
            byte[] line = (id + "\n").getBytes(UTF_8);
            try {
                System.out.write(line);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            System.out.flush();
        }
    }

    /** Claims the same keys as every other process, under its own operation; who has which, in the keys' order. */
    static List<String> claims(OperationLog log, String name) {
        List<String> owners = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            var claim = log.claim("ann", "key-" + i, "same", new OperationId(name), Instant.EPOCH, Instant.EPOCH);
            owners.add(
                    switch (claim) {
                        case OperationLog.Claim.New() -> "new";
                        case OperationLog.Claim.Repeated(OperationId owner) -> owner.value();
                        case OperationLog.Claim.Conflicting() -> "conflicting";
                    });
        }
        return owners;
    }
}
