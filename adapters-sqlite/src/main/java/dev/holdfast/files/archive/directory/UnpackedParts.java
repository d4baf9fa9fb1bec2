package dev.holdfast.files.archive.directory;

import dev.holdfast.application.archive.UnpackResult;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;

/** What lies in a scratch folder, and the directories staged beside their targets. */
public record UnpackedParts(
        List<UnpackResult.DatabasePart> databases,
        List<UnpackResult.DirectoryPart> directories,
        Optional<String> remark,
        Optional<String> obstacle,
        ScratchSpace.Folder folder,
        List<Staging> stagings)
        implements UnpackResult.Parts {
    private static final System.Logger LOG = System.getLogger(UnpackedParts.class.getName());

    @Override
    public void close() {
        try (folder) {
            discard(stagings);
        }
    }

    /** Removes them. What cannot be removed, the next start removes: the work that used it has its outcome already. */
    public static void discard(Iterable<Staging> stagings) {
        for (Staging staging : stagings) {
            try {
                staging.discard();
            } catch (IOException e) {
                LOG.log(
                        Level.WARNING,
                        staging.top() + " could not be removed; the next start of the server removes it",
                        e);
            }
        }
    }
}
