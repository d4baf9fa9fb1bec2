package dev.holdfast.sqlite;

import dev.holdfast.application.check.ImageChecks;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Checks by SQLite's own pragmas, on a file opened as immutable so that no sidecar appears next to it. */
final class PragmaChecks implements ImageChecks {
    private final Scratch scratch;

    PragmaChecks(Scratch scratch) {
        this.scratch = scratch;
    }

    @Override
    public Finding check(Artifact image, Depth depth, Work work) {
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
                return check(LocalImage.copy(image, folder.database(), work), depth, work);
            }
        } catch (IOException e) {
            throw Faults.ofScratch(scratch.root(), e);
        }
    }

    /**
     * SQLite and a channel do not say whether the artifact's store failed or this server. So a failure is followed by
     * reading all of the artifact, which reports a failure of its store.
     */
    private Finding checkInPlace(Artifact image, Path file, Depth depth, Work work) throws IOException {
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

    private static void requireReadable(Artifact image, Work work) throws IOException {
        byte[] chunk = new byte[1 << 20];
        try (InputStream in = image.open(0)) {
            while (in.read(chunk) >= 0) {
                work.checkCancelled();
            }
        }
    }

    /** @param file that no process writes */
    Finding check(Path file, Depth depth, Work work) throws IOException {
        work.checkCancelled();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return switch (FileHead.of(channel)) {
                case FileHead.Empty() -> new Finding.Sound(depth);
                case FileHead.Foreign(String why) ->
                    new Finding.NotADatabase("This is not a SQLite database: " + why + ".");
                case FileHead.Sqlite known
                when known.isCutShort(channel.size()) ->
                    new Finding.Damaged("The file is cut short: it has " + channel.size() + " of "
                            + known.imageSize(channel.size()) + " bytes.");
                case FileHead.Sqlite known -> new FileCheck(file, known, channel.size(), depth, scratch, work).run();
            };
        }
    }
}
