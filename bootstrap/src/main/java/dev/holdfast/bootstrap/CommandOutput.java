package dev.holdfast.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The output of a command, in a temporary file that has no name while the command runs. A pipe would stay open for as
 * long as any program that the command has started, and its reader could not know that the command itself has ended.
 */
final class CommandOutput implements AutoCloseable {
    /** What the file may hold before it is emptied. */
    static final long MAX_BYTES = 1 << 20;

    private final Path file;
    private final FileChannel channel;

    private CommandOutput(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static CommandOutput create() throws IOException {
        Path file = Files.createTempFile("holdfast-command", ".out");
        try {
            return new CommandOutput(file, FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /** Appends, so that the file can be emptied while a program writes to it. Valid until {@link #unlink()}. */
    Redirect redirect() {
        return Redirect.appendTo(file.toFile());
    }

    /** Removes the file's name. Programs that have it open can still write. */
    void unlink() throws IOException {
        Files.deleteIfExists(file);
    }

    /** Empties the file if it is larger than {@link #MAX_BYTES}: a command must not fill the disk. */
    void limit() throws IOException {
        if (channel.size() > MAX_BYTES) {
            channel.truncate(0);
        }
    }

    /** Returns the end of the output, from the beginning of a line if there is one among the last {@code bytes}. */
    String last(int bytes) throws IOException {
        long start = Math.max(0, channel.size() - bytes);
        ByteBuffer end = ByteBuffer.allocate(bytes);
        while (end.hasRemaining() && channel.read(end, start + end.position()) > 0) {
            // More may follow.
        }
        String text = new String(end.array(), 0, end.position(), UTF_8);
        int line = text.indexOf('\n');
        boolean cut = start > 0 && line >= 0 && line < text.length() - 1;
        return (cut ? text.substring(line + 1) : text).strip();
    }

    @Override
    public void close() throws IOException {
        try {
            unlink();
        } finally {
            channel.close();
        }
    }
}
