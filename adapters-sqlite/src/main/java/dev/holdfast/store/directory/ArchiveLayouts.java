package dev.holdfast.store.directory;

import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Layout;
import java.util.Optional;

/** Recognises the layouts of archives that other programs have put into a store. */
@FunctionalInterface
public interface ArchiveLayouts {
    /** Empty if the artifact is no archive of a known layout, for example because it is not complete yet. */
    Optional<Layout> archive(Artifact artifact);
}
