package dev.holdfast.store.directory;

import dev.holdfast.application.store.Artifact;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.StoreErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A published artifact. It is found by its path again each time it is opened, so the directory is compared after that:
 * an exchanged one may have a backup of the same name.
 */
record StoredArtifact(FileArtifact content, StoreIdentity identity, Folders folders) implements Artifact {
    @Override
    public long size() {
        return content.size();
    }

    @Override
    public String version() {
        return content.version();
    }

    @Override
    public Optional<Instant> modified() {
        return content.modified();
    }

    @Override
    public InputStream open(long offset) throws IOException {
        InputStream in = content.open(offset);
        try {
            requireSameStore();
            return in;
        } catch (RuntimeException e) {
            try (in) {
                throw e;
            }
        }
    }

    @Override
    public Optional<Path> file() {
        requireSameStore();
        return content.file();
    }

    @Override
    public Optional<String> beside() {
        return content.beside();
    }

    private void requireSameStore() {
        try {
            identity.require();
        } catch (IOException e) {
            throw StoreErrors.reading(folders, e);
        }
    }
}
