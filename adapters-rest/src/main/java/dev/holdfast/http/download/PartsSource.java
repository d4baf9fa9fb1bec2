package dev.holdfast.http.download;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.http.stream.StreamedBody;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Several parts of a backup, each with headers of its own: {@code multipart/byteranges} (RFC 9110, section 14.6). */
final class PartsSource implements StreamedBody.Source {
    /** Where it may stand in the bytes too: each part's length is told, so nobody has to look for it. */
    private static final String BOUNDARY = "holdfast-part-3f0c9a5e7d21";

    private static final String END = "\r\n--" + BOUNDARY + "--\r\n";

    private final OpenBackup.Opened opened;
    private final String type;
    private final Queue<ByteRange.Part> left;
    private final long length;
    private boolean ended;
    private @Nullable ArtifactSource current;

    PartsSource(OpenBackup.Opened opened, List<ByteRange.Part> parts, String type) {
        this.opened = opened;
        this.type = type;
        this.left = new ArrayDeque<>(parts);
        this.length =
                parts.stream().mapToLong(it -> head(it).length + it.length()).sum() + END.length();
    }

    String contentType() {
        return "multipart/byteranges; boundary=" + BOUNDARY;
    }

    long length() {
        return length;
    }

    private byte[] head(ByteRange.Part part) {
        return ("\r\n--" + BOUNDARY + "\r\nContent-Type: " + type + "\r\nContent-Range: "
                        + part.contentRange(opened.artifact().size()) + "\r\n\r\n")
                .getBytes(US_ASCII);
    }

    @Override
    public byte @Nullable [] next() throws IOException {
        ArtifactSource open = current;
        if (open != null) {
            byte[] piece = open.next();
            if (piece != null) {
                return piece;
            }
            open.closeStream();
            current = null;
        }
        ByteRange.Part part = left.poll();
        if (part != null) {
            current = new ArtifactSource(opened, part.offset(), part.length(), false);
            return head(part);
        }
        if (ended) {
            return null;
        }
        ended = true;
        opened.close();
        return END.getBytes(US_ASCII);
    }

    @Override
    public void close() throws IOException {
        try (OpenBackup.Opened _ = opened) {
            ArtifactSource open = current;
            if (open != null) {
                open.closeStream();
            }
        }
    }
}
