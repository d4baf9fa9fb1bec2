package dev.holdfast.files.archive.directory;

import dev.holdfast.application.store.Artifact;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A file in scratch that nobody writes to any more. */
public record PrivateFile(Path path, long size) implements Artifact {
    public static PrivateFile at(Path path) throws IOException {
        return new PrivateFile(path, Files.size(path));
    }

    @Override
    public InputStream open(long offset) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return Channels.newInputStream(channel.position(offset));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public Optional<Path> file() {
        return Optional.of(path);
    }

    @Override
    public String version() {
        return path + "-" + size;
    }
}
