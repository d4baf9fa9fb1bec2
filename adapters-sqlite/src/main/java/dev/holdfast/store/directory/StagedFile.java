package dev.holdfast.store.directory;

import static java.util.Objects.requireNonNull;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.HashingOutput;
import dev.holdfast.store.folder.StoreErrors;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file in {@code part/}, until it is published. */
final class StagedFile implements StagedArtifact {
    private static final long LOOK_BYTES = 16 << 20;

    private final Folders folders;
    private final FailPoints failPoints;
    private final Publisher publisher;
    private final Path part;
    private final HashingOutput hashing;
    private @Nullable Sealed sealed;
    private @Nullable ProblemException failure;
    /** How much was written, or announced, when the free space was looked at. */
    private long looked;

    private boolean ended;

    private StagedFile(
            Folders folders,
            FailPoints failPoints,
            Publisher publisher,
            Path part,
            HashingOutput hashing,
            long announced) {
        looked = announced;
        this.folders = folders;
        this.failPoints = failPoints;
        this.publisher = publisher;
        this.part = part;
        this.hashing = hashing;
    }

    /** Gives a sealed file its name. */
    interface Publisher {
        Publication publish(Path part, Backup backup) throws IOException;
    }

    /** @param announced how many bytes there is room for */
    static StagedFile create(Folders folders, FailPoints failPoints, Publisher publisher, long announced)
            throws IOException {
        Path part = folders.createPart();
        failPoints.reached("store.part-created");
        try {
            return new StagedFile(folders, failPoints, publisher, part, new HashingOutput(part, failPoints), announced);
        } catch (IOException e) {
            Files.deleteIfExists(part);
            throw e;
        }
    }

    @Override
    public OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int b) {
                filling(() -> hashing.write(b));
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                filling(() -> hashing.write(bytes, offset, length));
            }

            @Override
            public void flush() {
                filling(hashing::flush);
            }

            /** Ends nothing: only {@link #seal()} says that the content is complete. */
            @Override
            public void close() {}
        };
    }

    private interface Filling {
        void run() throws IOException;
    }

    private void filling(Filling step) {
        requireOpen();
        if (sealed != null) {
            throw new IllegalStateException("sealed: no more can be written");
        }
        try {
            step.run();
            requireRoom();
        } catch (IOException e) {
            ProblemException problem = StoreErrors.writing(folders, e);
            failure = problem;
            discard(problem);
            throw problem;
        }
    }

    /** What nobody has announced must not fill the disk: others, the databases among them, need some of it. */
    private void requireRoom() throws IOException {
        if (sealed != null || hashing.written() - looked < LOOK_BYTES) {
            return;
        }
        looked = hashing.written();
        try {
            folders.requireRoomFor(LOOK_BYTES);
        } catch (ProblemException e) {
            failure = e;
            discard(e);
            throw e;
        }
    }

    @Override
    public Sealed seal() {
        filling(() -> {
            var sha256 = hashing.finish();
            failPoints.reached("store.sealed");
            sealed = new Sealed(hashing.written(), sha256);
        });
        return requireNonNull(sealed);
    }

    @Override
    public Artifact content() {
        requireSealed();
        try {
            return FileArtifact.at(part);
        } catch (IOException e) {
            throw StoreErrors.reading(folders, e);
        }
    }

    @Override
    public Publication publish(Backup backup) {
        requireToDescribe(backup, requireSealed());
        Publication publication;
        try {
            publication = publisher.publish(part, backup);
        } catch (IOException e) {
            throw StoreErrors.writing(folders, e);
        }
        ended = publication instanceof Publication.Published;
        return publication;
    }

    private static void requireToDescribe(Backup backup, Sealed content) {
        if (backup.size() != content.size()) {
            throw new IllegalArgumentException("size: " + backup.size() + " (expected: " + content.size() + ")");
        }
        if (!backup.sha256().map(content.sha256()::equals).orElse(true)) {
            throw new IllegalArgumentException("sha256: not that of the content");
        }
    }

    private Sealed requireSealed() {
        requireOpen();
        if (sealed == null) {
            throw new IllegalStateException("not sealed yet");
        }
        return sealed;
    }

    /** A caller that goes on after a failed write, as closing a zip does, hears the same again. */
    private void requireOpen() {
        if (failure != null) {
            throw new ProblemException(failure.problem(), failure);
        }
        if (ended) {
            throw new IllegalStateException("published or closed already");
        }
    }

    private void discard(Exception because) {
        try {
            close();
        } catch (ProblemException e) {
            because.addSuppressed(e);
        }
    }

    @Override
    public void close() {
        if (ended) {
            return;
        }
        ended = true;
        try (hashing) {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw StoreErrors.writing(folders, e);
        }
    }
}
