package dev.holdfast.files.archive;

import dev.holdfast.application.archive.Unpacking;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** What lies in a scratch folder, and the directories staged beside their targets. */
record UnpackedParts(
        List<Unpacking.DatabasePart> databases,
        List<Unpacking.DirectoryPart> directories,
        Optional<String> remark,
        Optional<String> obstacle,
        ScratchSpace.Folder folder,
        List<Staging> stagings)
        implements Unpacking.Parts {
    @Override
    public void close() {
        try (folder) {
            discard(stagings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All of them, though one may not go. */
    static void discard(Iterable<Staging> stagings) throws IOException {
        IOException failure = null;
        for (Staging staging : stagings) {
            try {
                staging.discard();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
