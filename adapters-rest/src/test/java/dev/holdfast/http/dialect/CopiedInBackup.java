package dev.holdfast.http.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** One file in each database's store that no check has read, so that its SHA-256 is not recorded. */
public final class CopiedInBackup implements FindBackup, OpenBackup {
    public static final String NAME = "kept.zip";

    /** What it holds now; another text is another file of the same name and time. */
    public volatile String content = "PK one";

    /** How often its bytes were read. */
    public final AtomicInteger reads = new AtomicInteger();

    @Override
    public Outcome<Backup> find(String database, String filename) {
        return filename.equals(NAME)
                ? Outcome.done(new Backup(
                        new BackupKey(NAME),
                        new DatabaseName(database),
                        content.length(),
                        Instant.EPOCH,
                        Optional.empty(),
                        Origin.EXTERNAL,
                        Layout.POCKETBASE_ZIP,
                        new Verification.Unchecked(),
                        false,
                        Backup.Labels.NONE))
                : Outcome.refused(new Problem.BackupNotFound(new BackupKey(filename)));
    }

    @Override
    public Outcome<Opened> open(String database, String filename, ProgressMonitor work) {
        return find(database, filename).then(it -> Outcome.done(new Text(it, content)));
    }

    private final class Text implements Opened, Artifact {
        private final Backup backup;
        private final String text;

        Text(Backup backup, String text) {
            this.backup = backup;
            this.text = text;
        }

        @Override
        public Backup backup() {
            return backup;
        }

        @Override
        public Artifact artifact() {
            return this;
        }

        @Override
        public long size() {
            return text.length();
        }

        @Override
        public InputStream open(long offset) {
            reads.incrementAndGet();
            return new ByteArrayInputStream(text.substring((int) offset).getBytes(UTF_8));
        }

        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }

        @Override
        public String version() {
            return text;
        }

        @Override
        public void close() {}
    }
}
