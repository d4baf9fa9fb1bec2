package dev.holdfast.application.archive;

import dev.holdfast.domain.database.Source;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a source's directories keep apart from. They were looked at when they were set, but a link that somebody makes
 * later leads elsewhere: asked at each backup and each restore, of the place that is then read or replaced.
 */
public interface PathRestrictions {
    /** Where nothing else is to be kept from. */
    PathRestrictions NONE = new PathRestrictions() {
        @Override
        public Optional<String> refusal(Source source, Path directory, Path real) {
            return Optional.empty();
        }

        @Override
        public List<Path> closed() {
            return List.of();
        }
    };

    /**
     * @param directory one of the source's, as that names it
     * @param real where it leads now, without any link, as far as there is something
     * @return why it is neither read nor replaced, in a sentence for a person; empty if it may be
     */
    Optional<String> refusal(Source source, Path directory, Path real);

    /**
     * Files and directories that nothing which walks through directories may open, whatever other name or mount leads to
     * them: closing a file drops the locks that this process has on it, and some are secret. They need not exist. See
     * {@code docs/internals/locks.md#one-descriptor}.
     */
    List<Path> closed();
}
