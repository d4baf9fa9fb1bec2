package dev.holdfast.sqlite.check;

import dev.holdfast.application.check.ImageChecks;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.ArtifactCopier;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SourceAccess;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.DatabaseHeader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Checks by SQLite's own pragmas, on a file opened as immutable so that no sidecar appears next to it. */
public final class PragmaChecks implements ImageChecks {
    private final Scratch scratch;

    public PragmaChecks(Scratch scratch) {
        this.scratch = scratch;
    }

    @Override
    public Finding check(Artifact image, Depth depth, ProgressMonitor work) {
        if (depth == Depth.CHECKSUM) {
            return new Finding.Sound(depth);
        }
        try {
            Optional<Path> file = image.file();
            if (file.isPresent() && SourceAccess.canOpen(file.get())) {
                return checkInPlace(image, file.get(), depth, work);
            }
            try (Scratch.Folder folder = scratch.folder()) {
                scratch.require(image.size());
                return check(ArtifactCopier.copy(image, folder.database(), work), depth, work);
            }
        } catch (IOException e) {
            throw SqliteErrors.ofScratch(scratch.root(), e);
        }
    }

    /**
     * SQLite and a channel do not say whether the artifact's store failed or this server. So a failure is followed by
     * reading all of the artifact, which reports a failure of its store.
     */
    private Finding checkInPlace(Artifact image, Path file, Depth depth, ProgressMonitor work) throws IOException {
        try {
            return check(file, depth, work);
        } catch (ProblemException e) {
            if (e.problem() instanceof Problem.Internal) {
                requireReadable(image, work);
            }
            throw e;
        } catch (IOException e) {
            requireReadable(image, work);
            throw e;
        }
    }

    private static void requireReadable(Artifact image, ProgressMonitor work) throws IOException {
        byte[] chunk = new byte[1 << 20];
        try (InputStream in = image.open(0)) {
            while (in.read(chunk) >= 0) {
                work.checkCancelled();
            }
        }
    }

    /** @param file that no process writes */
    public Finding check(Path file, Depth depth, ProgressMonitor work) throws IOException {
        work.checkCancelled();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return switch (DatabaseHeader.of(channel)) {
                case DatabaseHeader.Empty() -> new Finding.Sound(depth);
                case DatabaseHeader.Foreign(String why) ->
                    new Finding.NotADatabase("This is not a SQLite database: " + why + ".");
                case DatabaseHeader.Sqlite known
                when known.isCutShort(channel.size()) ->
                    new Finding.Damaged("The file is cut short: it has " + channel.size() + " of "
                            + known.imageSize(channel.size()) + " bytes.");
                case DatabaseHeader.Sqlite known ->
                    new FileCheck(file, known, channel.size(), depth, scratch, work).run();
            };
        }
    }
}
