package dev.holdfast.application.backup;

import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * An artifact whose bytes are hashed each time they are read from the first to the last one. It has no file: another
 * process can change that after it was checked, and a reader of the file would not notice.
 *
 * @param expected of the bytes that were checked
 */
record VerifiedArtifact(Artifact artifact, BackupKey key, Sha256 expected) implements Artifact {
    @Override
    public long size() {
        return artifact.size();
    }

    @Override
    public String version() {
        return artifact.version();
    }

    @Override
    public Optional<Path> file() {
        return Optional.empty();
    }

    /** At its end the stream throws {@code BackupCorrupt} unless the bytes were the expected ones. */
    @Override
    public InputStream open(long offset) throws IOException {
        InputStream in = artifact.open(offset);
        return offset == 0 ? new Hashed(in) : in;
    }

    private final class Hashed extends FilterInputStream {
        private final MessageDigest digest = Sha256.newDigest();
        private boolean ended;

        Hashed(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = super.read(bytes, offset, length);
            if (count > 0) {
                digest.update(bytes, offset, count);
            } else if (count < 0 && !ended) {
                ended = true;
                if (!Sha256.of(digest.digest()).equals(expected)) {
                    throw new ProblemException(new Problem.BackupCorrupt(
                            key,
                            "it was changed after it was checked and while it was restored; nothing was replaced."));
                }
            }
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            return readNBytes((int) Math.min(count, 1 << 16)).length;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
