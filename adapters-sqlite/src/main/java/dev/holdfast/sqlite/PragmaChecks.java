package dev.holdfast.sqlite;

import dev.holdfast.application.check.ImageChecks;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Depth;
import java.io.IOException;
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
                return check(file.get(), depth, work);
            }
            try (Scratch.Folder folder = scratch.folder()) {
                scratch.require(image.size());
                return check(LocalImage.copy(image, folder.database(), work), depth, work);
            }
        } catch (IOException e) {
            throw Faults.ofScratch(scratch.root(), e);
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
