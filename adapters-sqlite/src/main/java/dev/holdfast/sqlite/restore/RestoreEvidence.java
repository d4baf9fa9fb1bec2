package dev.holdfast.sqlite.restore;

import dev.holdfast.application.snapshot.Image;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.io.DatabaseHeader;
import dev.holdfast.sqlite.io.LockPage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Finds out from a database's bytes whether a content that was about to be put in is in, also where other programs may
 * have written since. The rules are in {@code docs/internals/restore.md}, under "Evidence in the file".
 */
final class RestoreEvidence {
    private static final int SCHEMA_COOKIE = 40;

    /** More pages than this many times the other side's have to be equal where pages of both contents are found. */
    private static final int CLEAR_MAJORITY = 10;

    private RestoreEvidence() {}

    /** Whether a content is in a database. */
    enum Presence {
        /** It is, or is what other programs have changed since. */
        IN,
        /** It is not and was not. */
        NOT_IN,
        /** Neither can be shown. */
        UNCERTAIN
    }

    /** A content as a file that no other program writes. */
    record Content(Path file, int pageSize, long size) {
        static Content of(RestoreImage image) {
            return new Content(image.file(), image.pageSize(), image.size());
        }

        /** As a database's file is: up to the last page that its header knows of, or all of it. */
        static Content of(Path file) throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                return switch (DatabaseHeader.of(channel)) {
                    case DatabaseHeader.Sqlite known ->
                        new Content(file, known.pageSize(), Math.min(channel.size(), known.imageSize(channel.size())));
                    case DatabaseHeader.Empty _, DatabaseHeader.Foreign _ -> new Content(file, 0, channel.size());
                };
            }
        }

        /** The number that each restore raises by one, as does each change of the schema; empty if there is none. */
        OptionalInt cookie() throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                ByteBuffer head = ByteBuffer.allocate(DatabaseHeader.LENGTH);
                Channels.read(channel, head, 0);
                return RestoreEvidence.cookie(head.flip());
            }
        }
    }

    static OptionalInt cookie(Image found) throws IOException {
        return cookie(head(found));
    }

    private static OptionalInt cookie(ByteBuffer head) {
        return switch (DatabaseHeader.of(head)) {
            case DatabaseHeader.Sqlite _ -> OptionalInt.of(head.getInt(SCHEMA_COOKIE));
            case DatabaseHeader.Empty() -> OptionalInt.of(0);
            case DatabaseHeader.Foreign _ -> OptionalInt.empty();
        };
    }

    private static ByteBuffer head(Image found) throws IOException {
        try (InputStream in = found.open()) {
            return ByteBuffer.wrap(in.readNBytes(DatabaseHeader.LENGTH));
        }
    }

    /** Whether pages of the two can be equal, that is, have the same size. */
    static boolean isComparable(Image found, Content content) throws IOException {
        return !(DatabaseHeader.of(head(found)) instanceof DatabaseHeader.Sqlite known)
                || known.pageSize() == content.pageSize();
    }

    /** Whether the database holds exactly this content, but for what SQLite sets itself. */
    static boolean isEqual(Image found, Content wanted) throws IOException {
        return compare(found, wanted, Optional.empty()).isAllWanted();
    }

    /**
     * Finds out whether a content is in.
     *
     * @param found under a lock, after SQLite has recovered the database
     * @param other what the database held before {@code wanted} was to be put in; empty if that is not known
     * @param cookieBefore of the database immediately before
     */
    static Presence presence(Image found, Content wanted, Optional<Content> other, OptionalInt cookieBefore)
            throws IOException {
        Compared compared = compare(found, wanted, other);
        if (compared.isAllWanted()) {
            return Presence.IN;
        }
        if (other.isPresent() && compared.isAllOther()) {
            return Presence.NOT_IN;
        }
        OptionalInt now = cookie(found);
        if (now.isEmpty() || cookieBefore.isEmpty()) {
            return byPages(compared);
        }
        int raised = now.getAsInt() - cookieBefore.getAsInt();
        if (raised == 0) {
            return compared.wanted == 0 ? Presence.NOT_IN : Presence.UNCERTAIN;
        }
        // No page of either is left in a small database. Whether the schema was changed twice, no one can see.
        return raised == 1 && compared.wanted == 0 && compared.other == 0 ? Presence.IN : byPages(compared);
    }

    private static Presence byPages(Compared compared) {
        if (compared.wanted > compared.other * CLEAR_MAJORITY) {
            return Presence.IN;
        }
        return compared.other > compared.wanted * CLEAR_MAJORITY ? Presence.NOT_IN : Presence.UNCERTAIN;
    }

    /**
     * How a database's pages compare with two contents.
     *
     * @param wanted the number of pages that are as in the one and not as in the other; {@code other} the reverse
     */
    private record Compared(long wanted, long other, boolean isAllWanted, boolean isAllOther) {}

    private static Compared compare(Image found, Content wanted, Optional<Content> other) throws IOException {
        ByteBuffer head = head(found);
        int pageSize = DatabaseHeader.of(head) instanceof DatabaseHeader.Sqlite known ? known.pageSize() : 512;
        long size = DatabaseHeader.of(head) instanceof DatabaseHeader.Sqlite known
                ? Math.min(found.size(), known.imageSize(found.size()))
                : found.size();
        try (InputStream in = found.open();
                Pages first = new Pages(wanted, pageSize);
                Pages second = other.isPresent() ? new Pages(other.get(), pageSize) : Pages.none()) {
            boolean allFirst = size == wanted.size();
            boolean allSecond = other.isPresent() && size == other.get().size();
            long onlyFirst = 0;
            long onlySecond = 0;
            for (long at = 0; at < size; at += pageSize) {
                ByteBuffer page = ByteBuffer.wrap(in.readNBytes((int) Math.min(pageSize, size - at)));
                if (at / pageSize + 1 == LockPage.number(pageSize)) {
                    continue;
                }
                if (at == 0 && page.remaining() >= DatabaseHeader.LENGTH) {
                    RestoreImage.mask(page);
                }
                boolean isFirst = first.hold(page, at);
                boolean isSecond = second.hold(page, at);
                allFirst &= isFirst;
                allSecond &= isSecond;
                onlyFirst += isFirst && !isSecond ? 1 : 0;
                onlySecond += isSecond && !isFirst ? 1 : 0;
            }
            return new Compared(onlyFirst, onlySecond, allFirst, allSecond);
        }
    }

    /** A content's pages. Pages of another size are never equal, but for those of a file that is no database. */
    private static final class Pages implements AutoCloseable {
        private final @Nullable FileChannel channel;
        private final long size;
        private final ByteBuffer page;

        private Pages(Content content, int pageSize) throws IOException {
            boolean comparable = content.pageSize() == pageSize || content.pageSize() == 0;
            channel = comparable ? FileChannel.open(content.file(), StandardOpenOption.READ) : null;
            size = content.size();
            page = ByteBuffer.allocate(pageSize);
        }

        private Pages() {
            channel = null;
            size = 0;
            page = ByteBuffer.allocate(0);
        }

        static Pages none() {
            return new Pages();
        }

        boolean hold(ByteBuffer found, long at) throws IOException {
            if (channel == null || at + found.remaining() > size) {
                return false;
            }
            Channels.read(channel, page.clear().limit(found.remaining()), at);
            page.flip();
            if (at == 0 && page.remaining() >= DatabaseHeader.LENGTH) {
                RestoreImage.mask(page);
            }
            return page.equals(found);
        }

        @Override
        public void close() throws IOException {
            if (channel != null) {
                channel.close();
            }
        }
    }
}
