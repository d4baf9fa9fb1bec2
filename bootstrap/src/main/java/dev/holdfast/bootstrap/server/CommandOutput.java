package dev.holdfast.bootstrap.server;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.tree.NativeFunctions;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The output of a command, through a pipe. A thread reads it until the last program that holds it has ended: what the
 * command leaves running may write as much as it likes, and fills neither a disk nor the memory. The pipe has a name
 * until the command has begun, since the JDK closes its own pipes when the command ends.
 */
public final class CommandOutput implements AutoCloseable {
    /** How much of the end is kept. */
    public static final int KEPT_BYTES = 4 << 10;

    /** How many are read at once. The oldest one is closed for one more. */
    private static final int MAX_READ = 16;

    private static final Logger LOG = LoggerFactory.getLogger(CommandOutput.class);
    private static final Deque<CommandOutput> READ = new ArrayDeque<>(); // guarded by itself

    private final Path folder;
    private final Path pipe;
    private final FileChannel held;
    private final FileChannel channel;
    private final Thread reader;

    // Both guarded by this.
    private byte[] end = {};
    private boolean cut;

    private CommandOutput(Path folder, Path pipe, FileChannel held, FileChannel channel) {
        this.folder = folder;
        this.pipe = pipe;
        this.held = held;
        this.channel = channel;
        reader = Thread.ofPlatform().daemon().name("command-output").unstarted(this::read);
    }

    public static CommandOutput open() throws IOException {
        Path folder = Files.createTempDirectory("holdfast-command");
        Path pipe = folder.resolve("output");
        FileChannel held = null;
        CommandOutput output = null;
        try {
            make(pipe);
            // To open a pipe for reading alone would block until a program writes.
            held = FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE);
            output = new CommandOutput(folder, pipe, held, FileChannel.open(pipe, StandardOpenOption.READ));
        } finally {
            if (output == null) {
                if (held != null) {
                    held.close();
                }
                Files.deleteIfExists(pipe);
                Files.deleteIfExists(folder);
            }
        }
        output.begin();
        return output;
    }

    private static void make(Path pipe) throws IOException {
        int status;
        try (Arena arena = Arena.ofConfined()) {
            status = (int) Calls.MKFIFO.invokeExact(arena.allocateFrom(pipe.toString(), UTF_8), 0600);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        if (status != 0) {
            throw new IOException("no pipe can be made in " + pipe.resolveSibling(""));
        }
    }

    private void begin() {
        CommandOutput oldest = null;
        synchronized (READ) {
            READ.addLast(this);
            if (READ.size() > MAX_READ) {
                oldest = READ.removeFirst();
            }
        }
        if (oldest != null) {
            LOG.warn(
                    "More than {} programs that commands after restores left running still hold those commands' output."
                            + " The output of the oldest one is not read any more, which ends it if it writes.",
                    MAX_READ);
            close(oldest.channel);
        }
        reader.start();
    }

    /** For the command alone. Valid until {@link #close()}. */
    public Redirect redirect() {
        return Redirect.appendTo(pipe.toFile());
    }

    private void read() {
        ByteBuffer some = ByteBuffer.allocate(KEPT_BYTES);
        try (channel) {
            while (channel.read(some) >= 0) {
                keep(some.flip());
                some.clear();
            }
        } catch (IOException e) {
            LOG.debug("The output of a command cannot be read any further", e);
        } finally {
            synchronized (READ) {
                READ.remove(this);
            }
        }
    }

    private synchronized void keep(ByteBuffer more) {
        int old = Math.min(end.length, KEPT_BYTES - more.remaining());
        byte[] kept = new byte[old + more.remaining()];
        System.arraycopy(end, end.length - old, kept, 0, old);
        cut |= old < end.length;
        more.get(kept, old, more.remaining());
        end = kept;
    }

    /**
     * Returns the end of the output, from the beginning of a line if there is one in what is kept. Call it after {@link
     * #close()}.
     *
     * @param moment how long to wait, at most, for programs that the command has left running
     */
    public String last(Duration moment) throws InterruptedException {
        if (!reader.join(moment)) {
            LOG.debug("A command has left a program running that may write more");
        }
        synchronized (this) {
            String text = new String(end, UTF_8);
            int line = text.indexOf('\n');
            boolean whole = !cut || line < 0 || line == text.length() - 1;
            return (whole ? text : text.substring(line + 1)).strip();
        }
    }

    /** Removes the pipe's name: no other program can open it. Those that have it open can still write, and are read. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(pipe);
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.warn("The pipe {} cannot be removed: {}", pipe, e.getMessage());
        } finally {
            close(held);
        }
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("The output of a command cannot be closed", e);
        }
    }

    private static final class Calls {
        static final MethodHandle MKFIFO = mkfifo();

        @SuppressWarnings("restricted") // as for SQLite itself, the start script allows it
        private static MethodHandle mkfifo() {
            return Linker.nativeLinker()
                    .downcallHandle(
                            NativeFunctions.address("mkfifo"), FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        }
    }
}
