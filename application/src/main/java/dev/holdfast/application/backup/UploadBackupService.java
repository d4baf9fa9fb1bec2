package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.archive.UnpackResult.Parts;
import dev.holdfast.application.backup.BackupMaker.Described;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationRequest;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.application.store.StagedArtifact.Sealed;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** @param mostBytes that are taken in */
record UploadBackupService(
        Databases databases,
        OperationRunner runner,
        Plans plans,
        Archives archives,
        ArtifactChecks checks,
        BackupMaker maker,
        InstantSource clock,
        long mostBytes)
        implements UploadBackup {
    private static final int CHUNK = 1 << 16;

    @Override
    public Outcome<Operation> start(
            String database, String filename, InputStream content, long announcedSize, Requester requester) {
        return Outcome.attempt(
                () -> databases.find(database).then(it -> start(it, filename, content, announcedSize, requester)));
    }

    private Outcome<Operation> start(
            RegisteredDatabase registered,
            String filename,
            InputStream content,
            long announcedSize,
            Requester requester) {
        if (announcedSize > mostBytes) {
            return Outcome.refused(tooLarge());
        }
        Optional<BackupKey> wanted = registered.database().naming().uploaded(filename);
        var order = new OperationRequest(
                OperationKind.UPLOAD, registered.database().name(), wanted, filename + "/" + announcedSize, requester);
        return runner.begin(
                        order,
                        work -> receive(registered, wanted, filename, content, announcedSize, work)
                                .then(backup -> Outcome.done(new Result.Uploaded(backup))))
                .then(it -> it.repeated() ? repeated(it.operation(), content) : Outcome.done(it.operation()));
    }

    /** A client is not to believe that its bytes are kept because others of the same name and size are. */
    private Outcome<Operation> repeated(Operation first, InputStream content) {
        var digest = Sha256.newDigest();
        copy(content, new DigestOutputStream(OutputStream.nullOutputStream(), digest), ProgressMonitor.UNWATCHED);
        Sha256 came = Sha256.of(digest.digest());
        Operation ended = end(first);
        boolean differs = ended.result()
                .flatMap(it -> it instanceof Result.Uploaded(Backup backup) ? backup.sha256() : Optional.empty())
                .filter(it -> !it.equals(came))
                .isPresent();
        return differs ? Outcome.refused(new Problem.IdempotencyConflict()) : Outcome.done(ended);
    }

    private Operation end(Operation operation) {
        try {
            return runner.awaitEnd(operation.id());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the upload that is repeated was waited for", e);
        }
    }

    private Problem tooLarge() {
        return new Problem.UploadTooLarge(
                "An upload has at most " + mostBytes + " bytes; the setting holdfast.uploads.max-size says how many.");
    }

    private Outcome<Backup> receive(
            RegisteredDatabase registered,
            Optional<BackupKey> wanted,
            String filename,
            InputStream content,
            long announcedSize,
            ProgressMonitor work) {
        if (wanted.isPresent() && registered.store().find(wanted.get()).isPresent()) {
            return Outcome.refused(new Problem.FilenameTaken(wanted.get()));
        }
        work.enter(Phase.RECEIVING, announcedSize);
        // Where the client does not say how much will come, the store watches its free space while it is written to.
        try (StagedArtifact staged = registered.store().stage(Math.max(0, announcedSize))) {
            copy(content, staged.output(), work);
            Sealed sealed = staged.seal();
            work.enter(Phase.CHECKING_COPY, sealed.size());
            return layout(registered.database(), filename, staged.content())
                    .then(layout -> check(registered, wanted, layout, staged, sealed, work));
        }
    }

    private void copy(InputStream content, OutputStream out, ProgressMonitor work) {
        byte[] chunk = new byte[CHUNK];
        long copied = 0;
        try {
            for (int read = content.read(chunk); read >= 0; read = content.read(chunk)) {
                copied += read;
                if (copied > mostBytes) {
                    throw new ProblemException(tooLarge());
                }
                out.write(chunk, 0, read);
                work.advance(read);
            }
        } catch (IOException e) {
            work.checkCancelled(); // then it may well be for that reason that no more came
            throw new ProblemException(
                    new Problem.InvalidArgument(
                            "file",
                            "The upload ended before it was complete (" + copied + " bytes came); send it again."),
                    e);
        }
    }

    private Outcome<Layout> layout(Database database, String filename, Artifact artifact) {
        Optional<Layout> layout = isEmptyDatabase(database, filename, artifact)
                ? Optional.of(Layout.SQLITE)
                : archives.recognise(artifact);
        if (layout.isEmpty()) {
            return Outcome.refused(
                    new Problem.NotADatabase(
                            "The file is neither a SQLite database nor an archive with one that is known here, or its end is missing."));
        }
        return database.profile().layouts().contains(layout.get())
                ? Outcome.done(layout.get())
                : Outcome.refused(new Problem.BackupIncompatible("Database " + database.name() + " takes "
                        + database.profile().layouts().stream().map(Layout::id).collect(Collectors.joining(" or "))
                        + "; the file is " + layout.get().id() + "."));
    }

    /**
     * An empty file is an empty database, as in a backup of such a file. Neither counts as good. A form in which no file
     * was chosen sends no byte under no name.
     */
    private static boolean isEmptyDatabase(Database database, String filename, Artifact artifact) {
        return artifact.size() == 0
                && !filename.isEmpty()
                && database.profile().layouts().contains(Layout.SQLITE);
    }

    private Outcome<Backup> check(
            RegisteredDatabase registered,
            Optional<BackupKey> wanted,
            Layout layout,
            StagedArtifact staged,
            Sealed sealed,
            ProgressMonitor work) {
        Database database = registered.database();
        Depth planned = plans.of(registered).plan().verifyDepth();
        Depth depth = planned == Depth.CHECKSUM ? Depth.QUICK : planned;
        Instant at = clock.instant();
        Stream<BackupKey> names = wanted.filter(it -> database.naming().layout(it) == layout)
                .map(Stream::of)
                .orElseGet(() -> database.naming().proposals(Origin.UPLOADED, layout, at));
        return switch (checks.unpack(
                staged.content(), layout, database.source(), Extent.CHECK, checks.limits(Origin.UPLOADED), work)) {
            case UnpackResult.Unpacked(Parts parts) -> {
                try (parts) {
                    if (parts.obstacle().isPresent()) {
                        yield Outcome.refused(
                                new Problem.BackupIncompatible(parts.obstacle().get()));
                    }
                    Verification found = ArtifactChecks.remarked(checks.check(parts.databases(), depth, work), parts)
                            .verification(depth, at);
                    yield found instanceof Verification.Corrupt corrupt
                            ? Outcome.refused(new Problem.UploadCorrupt(corrupt.finding()))
                            : maker.publish(
                                    registered,
                                    staged,
                                    names,
                                    new Described(
                                            Origin.UPLOADED,
                                            layout,
                                            at,
                                            sealed,
                                            found,
                                            Optional.empty(),
                                            Optional.empty(),
                                            Optional.empty(),
                                            Optional.empty()),
                                    work);
                }
            }
            case UnpackResult.Damaged(String finding) -> Outcome.refused(new Problem.UploadCorrupt(finding));
            case UnpackResult.Invalid(String finding) -> Outcome.refused(new Problem.BackupIncompatible(finding));
            case UnpackResult.TooLarge(String finding) -> Outcome.refused(new Problem.UploadTooLarge(finding));
        };
    }
}
