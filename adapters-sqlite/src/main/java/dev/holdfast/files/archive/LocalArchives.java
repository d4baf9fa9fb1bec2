package dev.holdfast.files.archive;

import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.Contents;
import dev.holdfast.application.archive.DatabaseForms;
import dev.holdfast.application.archive.Limits;
import dev.holdfast.application.archive.Unpacking;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** By way of private folders in scratch. */
record LocalArchives(ScratchSpace scratch, DatabaseForms forms) implements Archives {
    @Override
    public Written write(Layout layout, Contents contents, OutputStream out, Work work) {
        try (ScratchSpace.Folder folder = scratch.folder()) {
            try {
                return new ArchiveWriting(contents, out, work, forms, folder.path()).write(layout);
            } catch (IOException e) {
                throw Trouble.with(folder.path(), e);
            }
        }
    }

    @Override
    public Optional<Layout> recognise(Artifact artifact) {
        return Recognition.of(artifact);
    }

    @Override
    public Unpacking unpack(Artifact archive, Layout layout, Source source, Extent extent, Limits limits, Work work) {
        ScratchSpace.Folder folder = scratch.folder();
        boolean kept = false;
        try {
            UnpackedParts parts =
                    new ArchiveReading(archive, layout, source, extent, limits, work, forms, folder).read();
            kept = true;
            return new Unpacking.Unpacked(parts);
        } catch (RefusedException e) {
            return e.why();
        } catch (IOException e) {
            throw Trouble.with(folder.path(), e);
        } finally {
            if (!kept) {
                folder.close();
            }
        }
    }
}
