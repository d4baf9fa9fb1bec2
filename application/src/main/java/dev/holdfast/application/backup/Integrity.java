package dev.holdfast.application.backup;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Compares artifacts with the SHA-256 that was recorded when they were written, and remembers which version of an
 * artifact was last found right, so that a download need not read everything twice. One for the whole server.
 */
final class Integrity {
    /** Enough for the backups that people really download again; an entry is some hundred bytes. */
    private static final int REMEMBERED = 10_000;

    private static final int CHUNK = 1 << 20;

    private record Item(DatabaseName database, BackupKey key) {}

    private final Map<Item, String> rightVersions = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Item, String> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** What is wrong with the bytes, if something is. A backup with no recorded digest is read, but never wrong. */
    sealed interface Compared {
        record Right(Sha256 sha256) implements Compared {}

        record Wrong(String finding) implements Compared {}
    }

    /** As {@link #compare}, but without reading an artifact that was right and has not changed since. */
    Optional<String> findingBeforeDownload(Backup backup, Artifact artifact, ProgressMonitor work) {
        if (backup.sha256().isEmpty() || artifact.version().equals(rightVersion(backup))) {
            return Optional.empty();
        }
        return switch (compare(backup, artifact, work)) {
            case Compared.Right _ -> Optional.empty();
            case Compared.Wrong(String finding) -> Optional.of(finding);
        };
    }

    /** Reads the whole artifact. */
    Compared compare(Backup backup, Artifact artifact, ProgressMonitor work) {
        String version = artifact.version();
        if (artifact.size() != backup.size()) {
            return new Compared.Wrong("it is " + artifact.size() + " bytes long, recorded were " + backup.size() + ".");
        }
        Sha256 actual = digest(artifact, work);
        if (backup.sha256().filter(it -> !it.equals(actual)).isPresent()) {
            return new Compared.Wrong("its bytes are not the ones that were written (the SHA-256 differs).");
        }
        remember(backup, version);
        return new Compared.Right(actual);
    }

    private synchronized String rightVersion(Backup backup) {
        return rightVersions.getOrDefault(new Item(backup.database(), backup.key()), "");
    }

    private synchronized void remember(Backup backup, String version) {
        rightVersions.put(new Item(backup.database(), backup.key()), version);
    }

    static Sha256 digest(Artifact artifact, ProgressMonitor work) {
        var digest = Sha256.newDigest();
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = artifact.open(0)) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
                work.advance(read);
            }
        } catch (IOException e) {
            throw new ProblemException(
                    new Problem.StoreUnavailable("The backup cannot be read from its store: " + e.getMessage()), e);
        }
        return Sha256.of(digest.digest());
    }
}
