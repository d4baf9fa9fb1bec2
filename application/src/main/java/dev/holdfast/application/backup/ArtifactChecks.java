package dev.holdfast.application.backup;

import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.archive.UnpackResult.DirectoryPart;
import dev.holdfast.application.archive.UnpackResult.Parts;
import dev.holdfast.application.check.ImageChecks;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.database.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks into artifacts, whatever their layout. */
final class ArtifactChecks {
    private final Archives archives;
    private final ImageChecks checks;
    private final UnpackLimits limits;

    /** @param limits for archives that came from elsewhere */
    ArtifactChecks(Archives archives, ImageChecks checks, UnpackLimits limits) {
        this.archives = archives;
        this.checks = checks;
        this.limits = limits;
    }

    /** What Holdfast wrote itself is bound by the disk alone. */
    UnpackLimits limits(Backup backup) {
        return switch (backup.origin()) {
            case MANUAL, AUTOMATIC, SAFETY -> UnpackLimits.NONE;
            case UPLOADED, EXTERNAL -> limits;
        };
    }

    /** For what has no backup yet. */
    UnpackLimits limits(Origin origin) {
        return origin == Origin.UPLOADED ? limits : UnpackLimits.NONE;
    }

    /** A plain database is its own only part. */
    UnpackResult unpack(
            Artifact artifact, Layout layout, Source source, Extent extent, UnpackLimits bounds, ProgressMonitor work) {
        return layout == Layout.SQLITE
                ? new UnpackResult.Unpacked(new Plain(new DatabasePart(source.main(), artifact)))
                : archives.unpack(artifact, layout, source, extent, bounds, work);
    }

    Finding check(
            Artifact artifact, Layout layout, Source source, Depth depth, UnpackLimits bounds, ProgressMonitor work) {
        if (depth == Depth.CHECKSUM && layout != Layout.SQLITE) {
            return new Finding.Sound(depth); // taking it apart would be more than was asked for
        }
        return switch (unpack(artifact, layout, source, Extent.CHECK, bounds, work)) {
            case UnpackResult.Unpacked(Parts parts) -> {
                try (parts) {
                    yield remarked(check(parts.databases(), depth, work), parts);
                }
            }
            case UnpackResult.Damaged(String finding) -> new Finding.Damaged(finding);
            case UnpackResult.Invalid(String finding) -> new Finding.Damaged(finding);
            case UnpackResult.TooLarge(String finding) -> new Finding.Damaged(finding);
        };
    }

    /** What else is to be known of an archive that is whole. */
    static Finding remarked(Finding finding, Parts parts) {
        if (!(finding instanceof Finding.Sound(Depth depth, Optional<String> remark))) {
            return finding;
        }
        String all = Stream.of(remark, parts.remark(), parts.obstacle())
                .flatMap(Optional::stream)
                .collect(Collectors.joining("\n"));
        return new Finding.Sound(depth, all.isEmpty() ? Optional.empty() : Optional.of(all));
    }

    /** The first one that is not sound speaks for all. */
    Finding check(List<DatabasePart> parts, Depth depth, ProgressMonitor work) {
        Depth reached = depth;
        List<String> remarks = new ArrayList<>();
        for (DatabasePart part : parts) {
            switch (checks.check(part.image(), depth, work)) {
                case Finding.Sound(Depth deep, Optional<String> remark) -> {
                    reached = deep.compareTo(reached) < 0 ? deep : reached;
                    remark.ifPresent(remarks::add);
                }
                case Finding.Damaged(String what) -> {
                    return new Finding.Damaged(named(parts, part, what));
                }
                case Finding.NotADatabase(String what) -> {
                    return new Finding.NotADatabase(named(parts, part, what));
                }
            }
        }
        return new Finding.Sound(
                reached, remarks.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", remarks)));
    }

    private static String named(List<DatabasePart> parts, DatabasePart part, String what) {
        return parts.size() == 1 ? what : part.target().getFileName() + ": " + what;
    }

    private record Plain(DatabasePart part) implements Parts {
        @Override
        public List<DatabasePart> databases() {
            return List.of(part);
        }

        @Override
        public List<DirectoryPart> directories() {
            return List.of();
        }

        @Override
        public Optional<String> remark() {
            return Optional.empty();
        }

        @Override
        public Optional<String> obstacle() {
            return Optional.empty();
        }

        @Override
        public void close() {
            // The artifact is somebody else's.
        }
    }
}
