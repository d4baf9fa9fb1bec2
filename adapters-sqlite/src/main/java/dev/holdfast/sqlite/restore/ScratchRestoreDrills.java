package dev.holdfast.sqlite.restore;

import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.RestoreDrills;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.check.PragmaChecks;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SqliteErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Optional;

/** Restores as into a missing database, in a scratch directory of its own. */
public final class ScratchRestoreDrills implements RestoreDrills {
    private static final int CHUNK = 1 << 20;

    private final Scratch scratch;
    private final PragmaChecks checks;
    private final InstantSource clock;

    public ScratchRestoreDrills(Scratch scratch, InstantSource clock) {
        this.scratch = scratch;
        this.checks = new PragmaChecks(scratch);
        this.clock = clock;
    }

    @Override
    public Tried tryOut(Artifact image, Optional<Sha256> recorded, ProgressMonitor given) {
        ProgressMonitor work = new Trying(given);
        try (Scratch.Folder folder = scratch.folder()) {
            Path restored = folder.database();
            new NewFileRestore(
                            new LiveFile(folder.path().toRealPath().resolve(restored.getFileName())),
                            clock,
                            FailPoints.NONE)
                    .write(image, Optional.empty(), _ -> {}, work);
            if (recorded.isPresent() && !recorded.get().equals(digest(restored, given))) {
                return new Tried.Disproven("What was restored is not what was written (the SHA-256 differs).");
            }
            return switch (checks.check(restored, Depth.FULL, given)) {
                case Finding.Sound(Depth _, Optional<String> remark) -> new Tried.Proven(remark);
                case Finding.Damaged(String what) -> new Tried.Disproven(what);
                case Finding.NotADatabase(String what) -> new Tried.Disproven(what);
            };
        } catch (ProblemException e) {
            return new Tried.NotTried(e.problem());
        } catch (IOException e) {
            return new Tried.NotTried(SqliteErrors.ofScratch(scratch.root(), e).problem());
        }
    }

    private static Sha256 digest(Path file, ProgressMonitor work) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                digest.update(chunk, 0, count);
                work.checkCancelled();
            }
        }
        return Sha256.of(digest.digest());
    }

    /** Nothing that anybody uses is replaced here, so the phases are others, and stopping in the middle hurts nobody. */
    private record Trying(ProgressMonitor work) implements ProgressMonitor {
        @Override
        public void enter(Phase phase, long totalBytes) {
            work.enter(phase == Phase.REPLACING ? Phase.COPYING : Phase.CHECKING_COPY, totalBytes);
        }

        @Override
        public void advance(long bytes) {
            work.advance(bytes);
        }

        @Override
        public void checkCancelled() {
            work.checkCancelled();
        }
    }
}
