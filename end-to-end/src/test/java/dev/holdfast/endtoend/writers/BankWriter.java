package dev.holdfast.endtoend.writers;

import dev.holdfast.testkit.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;

/** Another program that writes transactions into a {@link Bank} without a pause, until its standard input ends. */
public final class BankWriter implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;

    private BankWriter(Process process, BufferedReader out) {
        this.process = process;
        this.out = out;
    }

    /** Returns when its first transaction is committed. */
    public static BankWriter start(Path file, String journalMode) throws IOException {
        Process process = JavaProcess.start(
                List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"), BankWriter.class, List.of(file.toString(), journalMode));
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String first = out.readLine();
        if (!"writing".equals(first)) {
            throw new IllegalStateException("writer: " + first);
        }
        return new BankWriter(process, out);
    }

    /** Lets it end in order. @return the notes of the transactions that it has committed */
    public List<String> stop() throws IOException, InterruptedException {
        try (OutputStream in = process.getOutputStream()) {
            in.flush();
        }
        String last = out.readLine();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0 || last == null) {
            throw new IllegalStateException("writer ended with " + process + ": " + last);
        }
        return LongStream.range(0, Long.parseLong(last))
                .mapToObj(n -> note(process.pid(), n))
                .toList();
    }

    private static String note(long pid, long n) {
        return pid + "-" + n + "-" + "padding".repeat(25);
    }

    /** As {@code kill -9}, in the middle of whatever it does, unless it has ended already. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    public static void main(String[] arguments) throws Exception {
        var stop = new AtomicBoolean();
        Thread.ofPlatform().daemon().start(() -> {
            readToEnd(System.in);
            stop.set(true);
        });
        long committed = 0;
        try (Connection connection = Bank.open(Path.of(arguments[0]), arguments[1], 0)) {
            while (!stop.get()) {
                Bank.transact(connection, note(ProcessHandle.current().pid(), committed));
                if (committed++ == 0) {
                    System.out.println("writing");
                }
            }
        }
        System.out.println(committed);
    }

    private static void readToEnd(InputStream in) {
        try {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // Whoever started it is gone, which is an end too.
        }
    }
}
