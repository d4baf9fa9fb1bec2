package dev.holdfast.http.dialect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.Contents;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A live database that is a text; its archives are what tells their layout, and that text. */
public final class TextDatabase implements Snapshots, Archives, LiveDatabases {
    private static final String TEXT = "a database";

    private final Map<Layout, String> heads;

    /** What the next snapshots come to. */
    public volatile Optional<Problem> trouble = Optional.empty();

    /** What the next archives that are taken apart come to. */
    public volatile Optional<UnpackResult> finding = Optional.empty();

    private volatile CountDownLatch arrived = new CountDownLatch(0);
    private volatile CountDownLatch gate = new CountDownLatch(0);

    /** @param heads what tells each layout that there is */
    public TextDatabase(Map<Layout, String> heads) {
        this.heads = new EnumMap<>(heads);
    }

    public byte[] archive(Layout layout) {
        return (heads.get(layout) + TEXT).getBytes(ISO_8859_1);
    }

    /** From now on snapshots and restores begin, and wait. */
    public void hold() {
        arrived = new CountDownLatch(1);
        gate = new CountDownLatch(1);
    }

    /** Waits until one waits. */
    public void awaitHeld() throws InterruptedException {
        assertThat(arrived.await(1, TimeUnit.MINUTES)).isTrue();
    }

    /** They go on, and all is well again. */
    public void recover() {
        release();
        trouble = Optional.empty();
        finding = Optional.empty();
    }

    /** They go on. */
    public void release() {
        gate.countDown();
    }

    private void await(ProgressMonitor work) {
        arrived.countDown();
        try {
            for (int i = 0; i < 600 && !gate.await(100, TimeUnit.MILLISECONDS); i++) {
                work.checkCancelled();
            }
            assertThat(gate.getCount()).isZero();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Taken take(Source source, ProgressMonitor work) {
        work.enter(Phase.LOCKING_SOURCE, 0);
        await(work);
        return trouble.<Taken>map(Taken.Refused::new).orElseGet(() -> new Taken.Pinned(new Pinned()));
    }

    private record Pinned() implements Snapshot {
        @Override
        public List<Image> images() {
            return List.of(new Text());
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }

    private record Text() implements Image {
        @Override
        public long size() {
            return TEXT.length();
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(TEXT.getBytes(ISO_8859_1));
        }
    }

    @Override
    public Written write(Layout layout, Contents contents, OutputStream out, ProgressMonitor work) {
        try {
            out.write(archive(layout));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Written(Optional.empty(), List.of());
    }

    @Override
    public Optional<Layout> recognise(Artifact artifact) {
        try (InputStream in = artifact.open(0)) {
            String head = new String(in.readAllBytes(), ISO_8859_1);
            return heads.keySet().stream()
                    .filter(it -> head.equals(heads.get(it) + TEXT))
                    .findAny();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public UnpackResult unpack(
            Artifact archive, Layout layout, Source source, Extent extent, UnpackLimits limits, ProgressMonitor work) {
        return finding.orElseGet(
                () -> new UnpackResult.Unpacked(new OnePart(new UnpackResult.DatabasePart(source.main(), archive))));
    }

    private record OnePart(UnpackResult.DatabasePart part) implements UnpackResult.Parts {
        @Override
        public List<UnpackResult.DatabasePart> databases() {
            return List.of(part);
        }

        @Override
        public List<UnpackResult.DirectoryPart> directories() {
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
            // The archive is somebody else's.
        }
    }

    @Override
    public <K> Outcome<Optional<K>> replace(Source source, NewContent content, Keeper<K> keeper, ProgressMonitor work) {
        work.enter(Phase.LOCKING_SOURCE, 0);
        await(work);
        return keeper.keep(List.of(new DatabaseImage(source.main(), new Text())))
                .then(it -> Outcome.done(Optional.of(it.what())));
    }

    @Override
    public boolean isUnfinished(Source source) {
        return false;
    }

    @Override
    public List<String> unfinishedBeside(Collection<Source> known) {
        return List.of();
    }

    @Override
    public <K> List<Settlement> settle(Source source, LeftoverKeeper<K> keeper) {
        throw new UnsupportedOperationException();
    }
}
