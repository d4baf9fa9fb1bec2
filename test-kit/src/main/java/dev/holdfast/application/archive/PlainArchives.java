package dev.holdfast.application.archive;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Knows plain databases alone: whatever is not empty is one. */
public final class PlainArchives implements Archives {
    @Override
    public Written write(Layout layout, Contents contents, OutputStream out, ProgressMonitor work) {
        throw new UnsupportedOperationException(layout.id());
    }

    @Override
    public Optional<Layout> recognise(Artifact artifact) {
        try (InputStream in = artifact.open(0)) {
            return in.read() < 0 ? Optional.empty() : Optional.of(Layout.SQLITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public UnpackResult unpack(
            Artifact archive, Layout layout, Source source, Extent extent, UnpackLimits limits, ProgressMonitor work) {
        throw new UnsupportedOperationException(layout.id());
    }
}
