package dev.holdfast.application.filesystem;

import dev.holdfast.application.store.Artifact;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/** An artifact on a file system that may hang. */
record BoundedArtifact(Artifact artifact, FileSystemCalls calls) implements Artifact {
    @Override
    public long size() {
        return artifact.size();
    }

    @Override
    public InputStream open(long offset) throws IOException {
        if (FileSystemCalls.isWaiting()) {
            return artifact.open(offset);
        }
        InputStream stream = unchecked(() -> calls.open(
                () -> {
                    try {
                        return artifact.open(offset);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                BoundedInput::closeQuietly));
        return new BoundedInput(calls, stream);
    }

    /** Makes a call whose {@link IOException} comes wrapped. */
    static <T> T unchecked(Supplier<T> call) throws IOException {
        try {
            return call.get();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public Optional<Path> file() {
        return artifact.file();
    }

    @Override
    public String version() {
        return artifact.version();
    }

    @Override
    public Optional<Instant> modified() {
        return artifact.modified();
    }

    @Override
    public Optional<String> beside() {
        return calls.read(artifact::beside);
    }
}
