package dev.holdfast.files.archive.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.domain.backup.Layout;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes changed archives apart until its time is over. Each has to end in an outcome, within a bound, with nothing written
 * elsewhere and nothing left; as the disk has room and the input lies on it, any exception is a finding. The input that is being tried always lies in the folder of findings, so that one that ends the
 * process can be tried again as well.
 */
final class Fuzz {
    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static final int MOST_FINDINGS = 100;

    private final Path findings;
    private final Map<String, Long> outcomes = new TreeMap<>();
    private final ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("watchdog").factory());
    private Path root;
    private ArchiveProbe probe;
    private long tried;
    private int found;

    private Fuzz(Path findings) throws IOException {
        this.findings = Files.createDirectories(findings);
        root = Files.createTempDirectory("fuzz");
        probe = Subject.in(root);
    }

    public static void main(String[] arguments) throws IOException {
        long seconds = 60;
        long seed = System.nanoTime() & 0xffff_ffffL;
        Path findings = Path.of("target", "fuzz");
        @Nullable Path replay = null;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--seconds" -> seconds = Long.parseLong(value);
                case "--seed" -> seed = Long.parseLong(value);
                case "--findings" -> findings = Path.of(value);
                case "--replay" -> replay = Path.of(value);
                default -> usage();
            }
        }
        if (arguments.length % 2 == 1) {
            usage();
        }
        Fuzz fuzz = new Fuzz(findings);
        try {
            if (replay == null) {
                fuzz.run(seed, Duration.ofSeconds(seconds));
            } else {
                fuzz.replay(replay);
            }
        } finally {
            Leftovers.delete(fuzz.root);
        }
        fuzz.summary();
        System.exit(fuzz.found == 0 ? 0 : 1);
    }

    private static void usage() {
        System.err.println("usage: fuzz [--seconds N] [--seed S] [--findings DIRECTORY] [--replay FILE]");
        System.exit(2);
    }

    private void run(long seed, Duration time) throws IOException {
        System.out.println("seed " + seed + ", " + time.toSeconds() + " s");
        long end = System.nanoTime() + time.toNanos();
        for (long number = 0; System.nanoTime() - end < 0 && found < MOST_FINDINGS; number++) {
            attempt(Input.of(seed, number), seed + "-" + number);
        }
    }

    /** @param description that was written with a finding */
    private void replay(Path description) throws IOException {
        Properties known = new Properties();
        try (var reader = Files.newBufferedReader(description)) {
            known.load(reader);
        }
        byte[] bytes = Files.readAllBytes(description.resolveSibling(known.getProperty("input")));
        Layout layout = Layout.valueOf(known.getProperty("layout"));
        attempt(
                new Input(layout, Bytes.of(bytes), known.getProperty("mutation")),
                "again-" + known.getProperty("name"));
    }

    private void attempt(Input input, String name) throws IOException {
        Path archive = ArchiveProbe.save(input.bytes(), findings.resolve("current.bin"));
        describe(findings.resolve("current.txt"), "current.bin", input, name, "the process ended");
        Thread worker = Thread.currentThread();
        ScheduledFuture<?> alarm =
                watchdog.schedule(() -> tooLong(worker, input, name), LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        String outcome = "finding";
        @Nullable Throwable failure = null;
        try {
            outcome = probe.run(archive, input.layout(), Extent.RESTORE, HostileCase.LIMITS)
                    .came()
                    .name();
        } catch (Exception | AssertionError | OutOfMemoryError | StackOverflowError e) {
            failure = e;
        }
        if (!alarm.cancel(false)) {
            awaitEnd();
        }
        tried++;
        outcomes.merge(outcome, 1L, Long::sum);
        if (failure != null) {
            report(input, name, failure);
            Leftovers.delete(root);
            root = Files.createTempDirectory("fuzz");
            probe = Subject.in(root);
        }
        Files.deleteIfExists(findings.resolve("current.txt"));
        Files.deleteIfExists(archive);
    }

    /** The watchdog is about to end the process. */
    private static void awaitEnd() {
        try {
            Thread.currentThread().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void report(Input input, String name, Throwable failure) {
        found++;
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        write(input, name, trace.toString());
    }

    private void tooLong(Thread worker, Input input, String name) {
        found++;
        tried++;
        outcomes.merge("finding", 1L, Long::sum);
        StringBuilder stack = new StringBuilder("longer than " + LONGEST.toSeconds() + " s\n");
        for (StackTraceElement element : worker.getStackTrace()) {
            stack.append("\tat ").append(element).append('\n');
        }
        try {
            write(input, name, stack.toString());
            summary();
        } finally {
            Runtime.getRuntime().halt(1);
        }
    }

    private void write(Input input, String name, String what) {
        System.out.println("FINDING " + name + " (" + input.layout() + ": " + input.mutation() + ")");
        what.lines().limit(12).forEach(it -> System.out.println("    " + it));
        try {
            ArchiveProbe.save(input.bytes(), findings.resolve(name + ".bin"));
            describe(findings.resolve(name + ".txt"), name + ".bin", input, name, what);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void describe(Path file, String bytes, Input input, String name, String what) throws IOException {
        Properties known = new Properties();
        known.setProperty("name", name);
        known.setProperty("input", bytes);
        known.setProperty("layout", input.layout().name());
        known.setProperty("mutation", input.mutation());
        known.setProperty("what", what);
        try (var writer = Files.newBufferedWriter(file, UTF_8)) {
            known.store(writer, null);
        }
    }

    private void summary() {
        System.out.println(tried + " inputs: " + outcomes + ", findings: " + found
                + (found == 0 ? "" : ", in " + findings.toAbsolutePath()));
    }
}
