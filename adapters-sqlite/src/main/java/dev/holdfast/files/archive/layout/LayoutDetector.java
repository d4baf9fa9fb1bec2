package dev.holdfast.files.archive.layout;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.files.archive.member.Member;
import dev.holdfast.files.archive.member.PackedInput;
import dev.holdfast.files.archive.tar.GzipInput;
import dev.holdfast.files.archive.tar.TarMembers;
import dev.holdfast.files.archive.zip.ZipIndex;
import dev.holdfast.files.archive.zip.ZipMembers;
import dev.holdfast.files.archive.zip.ZipRecord;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The layout of an artifact, by its content alone. */
public final class LayoutDetector {
    private static final String SQLITE = "SQLite format 3\0";
    private static final int MOST_RECORDS = 1_000_000;
    private static final int MOST_MEMBERS = 16;
    private static final int MOST_UNPACKED = 16 << 20;

    private LayoutDetector() {}

    /** Empty if the artifact is no archive of a known layout, for example because it is not complete yet. */
    public static Optional<Layout> archive(Artifact artifact) {
        return of(artifact).filter(it -> it != Layout.SQLITE);
    }

    public static Optional<Layout> of(Artifact artifact) {
        try {
            byte[] head;
            try (PackedInput in = PackedInput.open(artifact, 0, ProgressMonitor.UNWATCHED)) {
                head = in.readNBytes(16);
            }
            String start = new String(head, ISO_8859_1);
            if (start.equals(SQLITE)) {
                return Optional.of(Layout.SQLITE);
            }
            if (start.startsWith("PK")) {
                return Optional.ofNullable(zip(ZipIndex.of(artifact)));
            }
            return start.startsWith("\u001f\u008b") && isTar(artifact)
                    ? Optional.of(Layout.DISPATCHARR_TAR_GZ)
                    : Optional.empty();
        } catch (IOException e) {
            // Whatever cannot be read so far is not one of ours; the store's own failures come as problems.
            return Optional.empty();
        }
    }

    private static @Nullable Layout zip(ZipIndex index) throws IOException {
        try (ZipIndex.Records records = index.records()) {
            int looked = 0;
            for (ZipRecord it = records.next(); it != null && looked < MOST_RECORDS; it = records.next()) {
                looked++;
                if (it.member().directory()) {
                    continue;
                }
                if (it.member().name().equals(PocketBase.MAIN)) {
                    return Layout.POCKETBASE_ZIP;
                }
                if (it.member().name().equals(Dispatcharr.METADATA)) {
                    return Metadata.namesDatabase(ZipMembers.read(index, it, Metadata.MOST_BYTES))
                            ? Layout.DISPATCHARR_ZIP
                            : null;
                }
            }
        }
        return null;
    }

    private static boolean isDatabase(String name) {
        return name.equals(Dispatcharr.DUMP) || name.equals(Dispatcharr.TAR_DATABASE);
    }

    private static boolean isTar(Artifact artifact) throws IOException {
        try (PackedInput packed = PackedInput.open(artifact, 0, ProgressMonitor.UNWATCHED);
                GzipInput gzip = new GzipInput(packed, artifact.size());
                TarMembers members = new TarMembers(gzip)) {
            for (int i = 0; i < MOST_MEMBERS; i++) {
                Member member = members.next();
                if (member == null) {
                    return false;
                }
                if (isDatabase(member.name()) && !member.directory()) {
                    return true;
                }
                if (gzip.unpacked() + member.size() > MOST_UNPACKED) {
                    return false;
                }
            }
            return false;
        }
    }
}
