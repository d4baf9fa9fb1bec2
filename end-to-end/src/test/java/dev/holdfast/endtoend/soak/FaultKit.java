package dev.holdfast.endtoend.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.endtoend.soak.FaultKind.Effect;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The control of the library that interferes with another process's file system calls. Faults come and go while that
 * process runs: both have the control file mapped. Its layout is that of {@code struct control} in {@code faults.c}.
 */
public final class FaultKit {
    static final int EIO = 5;

    private static final Path SOURCE = Path.of("src/test/c/faults.c");
    private static final Duration DELAY = Duration.ofMillis(20);
    private static final int RECORDS = 65_536;
    private static final int RECORD_BYTES = 512;
    private static final int PATH_BYTES = 240;
    private static final int PREFIX_BYTES = 256;
    private static final int PART_BYTES = 128;

    private static final int ARMED = 0;
    private static final int EFFECT = 4;
    private static final int CALLS = 8;
    private static final int NUMBER = 12;
    private static final int PERMANENT = 16;
    private static final int ERROR = 20;
    private static final int DELAY_MILLIS = 24;
    private static final int COUNTER = 28;
    private static final int FIRED = 32;
    private static final int RECORDING = 36;
    private static final int RECORDED = 40;
    private static final int BEFORE_CALLS = 44;
    private static final int CLOCK_SECONDS = 48;
    private static final int BEFORE_ERROR = 56;
    private static final int BEFORE_FIRED = 60;
    private static final int PROCESS = 64;
    private static final int PREFIX = 72;
    private static final int PART = PREFIX + PREFIX_BYTES;
    private static final int EXCEPT = PART + PART_BYTES;
    private static final int BEFORE_PART = EXCEPT + PART_BYTES;
    private static final int FIRST_RECORD = BEFORE_PART + PART_BYTES;

    private final Path controlFile;
    private final MappedByteBuffer control;

    private FaultKit(Path controlFile, MappedByteBuffer control) {
        this.controlFile = controlFile;
        this.control = control;
    }

    /** @param root below which paths are watched */
    public static FaultKit create(Path controlFile, Path root) throws IOException {
        try (FileChannel channel = FileChannel.open(
                controlFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer control =
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, FIRST_RECORD + (long) RECORDS * RECORD_BYTES);
            control.order(ByteOrder.nativeOrder());
            var kit = new FaultKit(controlFile, control);
            kit.text(PREFIX, PREFIX_BYTES, root + "/");
            return kit;
        }
    }

    /** For the process that the faults concern. */
    public Map<String, String> environment() throws IOException, InterruptedException {
        return Map.of("LD_PRELOAD", library().toString(), "FAULT_KIT_CONTROL", controlFile.toString());
    }

    /** Compiled once for each version of its source. */
    private static synchronized Path library() throws IOException, InterruptedException {
        Path module = Files.exists(SOURCE) ? Path.of("") : Path.of("end-to-end");
        Path source = module.resolve(SOURCE).toAbsolutePath();
        Path library = module.resolve("target/fault-kit/libfaults.so").toAbsolutePath();
        Files.createDirectories(library.getParent());
        try (var channel = FileChannel.open(
                        library.resolveSibling("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            if (!Files.exists(library)
                    || Files.getLastModifiedTime(library).compareTo(Files.getLastModifiedTime(source)) < 0) {
                Path part = library.resolveSibling("libfaults.so.part");
                Process gcc = new ProcessBuilder(
                                "gcc",
                                "-std=gnu11",
                                "-O2",
                                "-Wall",
                                "-Wextra",
                                "-Werror",
                                "-shared",
                                "-fPIC",
                                "-o",
                                part.toString(),
                                source.toString(),
                                "-ldl")
                        .redirectErrorStream(true)
                        .start();
                String output = new String(gcc.getInputStream().readAllBytes(), UTF_8);
                if (gcc.waitFor() != 0) {
                    throw new IOException("gcc: " + output);
                }
                Files.move(part, library, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return library;
    }

    /** Only paths that contain this text; empty for all. */
    void choose(String part, String except) {
        text(PART, PART_BYTES, part);
        text(EXCEPT, PART_BYTES, except);
    }

    /** Nothing is counted until a call of these whose path contains the text has failed with EIO, once. */
    void failFirst(Set<SystemCall> calls, String part) {
        text(BEFORE_PART, PART_BYTES, part);
        control.putInt(BEFORE_CALLS, SystemCall.bits(calls));
        control.putInt(BEFORE_ERROR, EIO);
        control.putInt(BEFORE_FIRED, 0);
    }

    /** Sets the process's clock forward, in addition to earlier calls. */
    public void advanceClock(Duration time) {
        control.putLong(CLOCK_SECONDS, control.getLong(CLOCK_SECONDS) + time.toSeconds());
    }

    void arm(Fault fault) {
        FaultKind kind = fault.kind();
        control.putInt(PERMANENT, kind.permanent() ? 1 : 0);
        control.putInt(ERROR, kind.error());
        control.putInt(DELAY_MILLIS, (int) DELAY.toMillis());
        arm(kind.effect(), kind.calls(), fault.number());
    }

    /** Kills the process instead of the call of this number. */
    void killAt(int number) {
        control.putInt(PERMANENT, 0);
        arm(Effect.KILL, SystemCall.ALL, number);
    }

    /**
     * Stops the process of a file system immediately before the call of this number, which then hangs. Counts the calls
     * that change or read something.
     *
     * @param part which the path of a call has to contain
     * @param number from 1; 0 to count only
     */
    public void stopAt(long process, String part, int number) {
        choose(part, "");
        control.putInt(PROCESS, Math.toIntExact(process));
        control.putInt(PERMANENT, 0);
        control.putInt(DELAY_MILLIS, (int) DELAY.toMillis());
        arm(Effect.STOP, SystemCall.ALSO_READING, number);
    }

    /** Ends what {@link #stopAt} began. @return how many calls were counted */
    public int countedAtEnd() {
        disarm();
        return counted();
    }

    private void arm(Effect effect, Set<SystemCall> calls, int number) {
        control.putInt(EFFECT, effect.number());
        control.putInt(CALLS, SystemCall.bits(calls));
        control.putInt(NUMBER, number);
        control.putInt(COUNTER, 0);
        control.putInt(FIRED, 0);
        record();
        VarHandle.fullFence();
        control.putInt(ARMED, 1);
    }

    /** Records without a fault. */
    void record() {
        int used = Math.min(control.getInt(RECORDED), RECORDS);
        for (int i = 0; i < used; i++) {
            control.putInt(FIRST_RECORD + i * RECORD_BYTES, 0);
        }
        control.putInt(RECORDED, 0);
        VarHandle.fullFence();
        control.putInt(RECORDING, 1);
    }

    /** @return the calls that were recorded until now, in order */
    List<RecordedCall> disarm() {
        control.putInt(ARMED, 0);
        control.putInt(RECORDING, 0);
        text(BEFORE_PART, PART_BYTES, "");
        VarHandle.fullFence();
        return recorded();
    }

    /** Those until now; the recording goes on. */
    List<RecordedCall> recorded() {
        int used = control.getInt(RECORDED);
        if (used > RECORDS) {
            throw new IllegalStateException("calls: " + used + " (expected: at most " + RECORDS + ")");
        }
        List<RecordedCall> calls = new ArrayList<>();
        for (int i = 0; i < used; i++) {
            int at = FIRST_RECORD + i * RECORD_BYTES;
            if (control.getInt(at) != 0) {
                calls.add(new RecordedCall(
                        SystemCall.of(control.getInt(at + 4)),
                        Effect.of(control.getInt(at + 8)),
                        control.getInt(at + 12),
                        control.getLong(at + 16),
                        control.getInt(at + 24),
                        Path.of(text(at + 32)),
                        text(at + 32 + PATH_BYTES)));
            }
        }
        return calls;
    }

    /** How many of the chosen calls there were since the fault was armed. */
    int counted() {
        return control.getInt(COUNTER);
    }

    public boolean hasFired() {
        return control.getInt(FIRED) > 0;
    }

    private void text(int at, int size, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length >= size) {
            throw new IllegalArgumentException("path: " + bytes.length + " bytes (expected: fewer than " + size + ")");
        }
        for (int i = 0; i < size; i++) {
            control.put(at + i, i < bytes.length ? bytes[i] : 0);
        }
    }

    private String text(int at) {
        var bytes = new byte[PATH_BYTES];
        int length = 0;
        while (length < PATH_BYTES && control.get(at + length) != 0) {
            bytes[length] = control.get(at + length);
            length++;
        }
        return new String(bytes, 0, length, UTF_8);
    }
}
