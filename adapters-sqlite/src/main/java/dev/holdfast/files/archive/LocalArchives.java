package dev.holdfast.files.archive;

import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.Contents;
import dev.holdfast.application.archive.DatabaseConverter;
import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.files.archive.directory.ProtectedPaths;
import dev.holdfast.files.archive.directory.ScratchSpace;
import dev.holdfast.files.archive.directory.UnpackedParts;
import dev.holdfast.files.archive.layout.LayoutDetector;
import dev.holdfast.files.archive.member.ArchiveErrors;
import dev.holdfast.files.archive.member.ArchiveRejectedException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** By way of private folders in scratch. */
record LocalArchives(ScratchSpace scratch, DatabaseConverter forms, PathRestrictions boundaries) implements Archives {
    @Override
    public Written write(Layout layout, Contents contents, OutputStream out, ProgressMonitor work) {
        try (ScratchSpace.Folder folder = scratch.folder()) {
            try {
                return new ArchiveWriter(contents, out, work, forms, boundaries, folder.path()).write(layout);
            } catch (IOException e) {
                throw ArchiveErrors.with(folder.path(), e);
            }
        }
    }

    @Override
    public Optional<Layout> recognise(Artifact artifact) {
        return LayoutDetector.of(artifact);
    }

    @Override
    public UnpackResult unpack(
            Artifact archive, Layout layout, Source source, Extent extent, UnpackLimits limits, ProgressMonitor work) {
        ScratchSpace.Folder folder = scratch.folder();
        boolean kept = false;
        try {
            if (extent == Extent.RESTORE && layout != Layout.DISPATCHARR_ZIP) {
                for (Path directory : source.directories()) {
                    allowed(source, directory);
                }
            }
            UnpackedParts parts =
                    new ArchiveReader(archive, layout, source, extent, limits, work, forms, boundaries, folder).read();
            if (extent == Extent.RESTORE) {
                requireInPlace(source, parts);
            }
            kept = true;
            return new UnpackResult.Unpacked(parts);
        } catch (ArchiveRejectedException e) {
            return e.why();
        } catch (IOException e) {
            throw ArchiveErrors.with(folder.path(), e);
        } finally {
            if (!kept) {
                folder.close();
            }
        }
    }

    /** Where a directory leads now. */
    private Path allowed(Source source, Path directory) throws IOException {
        Path real = ProtectedPaths.real(directory);
        boundaries.refusal(source, directory, real).ifPresent(it -> {
            throw new ProblemException(new Problem.SourceNotAccessible(it));
        });
        return real;
    }

    /** Unpacking takes its time, in which somebody can have made a link. */
    private void requireInPlace(Source source, UnpackedParts parts) throws IOException {
        boolean inPlace = false;
        try {
            for (UnpackResult.DirectoryPart part : parts.directories()) {
                Path real = allowed(source, part.target());
                if (!Objects.equals(real.getParent(), part.staged().getParent())) {
                    throw new ProblemException(new Problem.BackupIncompatible(
                            part.target() + " came to lead elsewhere while the backup was unpacked; restore again."));
                }
            }
            inPlace = true;
        } finally {
            if (!inPlace) {
                UnpackedParts.discard(parts.stagings());
            }
        }
    }
}
