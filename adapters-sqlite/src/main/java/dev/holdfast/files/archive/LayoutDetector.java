package dev.holdfast.files.archive;

import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Layout;
import java.util.Optional;

/** The layout of an archive, by its content alone. */
public final class LayoutDetector {
    private LayoutDetector() {}

    /** Empty if the artifact is no archive of a known layout, for example because it is not complete yet. */
    public static Optional<Layout> archive(Artifact artifact) {
        return Recognition.of(artifact).filter(it -> it != Layout.SQLITE);
    }
}
