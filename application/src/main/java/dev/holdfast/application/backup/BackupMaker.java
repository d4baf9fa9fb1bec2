package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.Contents;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.application.store.StagedArtifact.Publication;
import dev.holdfast.application.store.StagedArtifact.Sealed;
import dev.holdfast.domain.backup.Assessment;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.MainImage;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From a live source to a listed backup: snapshot, copy, check, publish. The lock on the source ends with the copy. */
final class BackupMaker {
    private static final System.Logger LOG = System.getLogger(BackupMaker.class.getName());

    private static final int CHUNK = 1 << 20;

    /** How often a copy is made again because its source changed meanwhile. */
    private static final int MAX_REPEATS = 3;

    private final Snapshots snapshots;
    private final Archives archives;
    private final ArtifactChecks checks;
    private final Plans plans;
    private final Assessing assessing;
    private final InstantSource clock;
    private final FailPoints failPoints;

    BackupMaker(
            Snapshots snapshots,
            Archives archives,
            ArtifactChecks checks,
            Plans plans,
            Assessing assessing,
            InstantSource clock,
            FailPoints failPoints) {
        this.snapshots = snapshots;
        this.archives = archives;
        this.checks = checks;
        this.plans = plans;
        this.assessing = assessing;
        this.clock = clock;
        this.failPoints = failPoints;
    }

    /** A damaged source is no backup. */
    Outcome<Backup> make(RegisteredDatabase registered, Origin origin, Layout layout, ProgressMonitor work) {
        return make(registered, origin, layout, Optional.empty(), work);
    }

    /** @param name empty for one by the profile's rule */
    Outcome<Backup> make(
            RegisteredDatabase registered,
            Origin origin,
            Layout layout,
            Optional<BackupKey> name,
            ProgressMonitor work) {
        Instant lastRepeat = clock.instant().plus(snapshots.busyTimeout());
        for (int repeats = 0; true; repeats++) {
            switch (makeOnce(registered, origin, layout, name, work)) {
                case Attempt.Ended(Outcome<Backup> outcome) -> {
                    return outcome;
                }
                case Attempt.NotDumped(String finding) -> {
                    return Outcome.refused(notDumped(registered, layout, finding, work));
                }
                case Attempt.SourceChanged(Problem problem) -> {
                    if (repeats == MAX_REPEATS || !clock.instant().isBefore(lastRepeat)) {
                        return Outcome.refused(problem);
                    }
                    LOG.log(Level.INFO, "The copy is discarded and made again: " + problem.detail());
                }
            }
        }
    }

    private Attempt makeOnce(
            RegisteredDatabase registered,
            Origin origin,
            Layout layout,
            Optional<BackupKey> name,
            ProgressMonitor work) {
        Source source = registered.database().source();
        return switch (snapshots.take(source, work)) {
            case Taken.Refused(Problem problem) -> new Attempt.Ended(Outcome.refused(problem));
            case Taken.Pinned(var snapshot) -> {
                Instant at = clock.instant();
                failPoints.reached("backup.pinned");
                try (snapshot) {
                    var taken = new Moment(at, images(source, snapshot), snapshot::close, snapshot.inconsistency());
                    yield make(registered, origin, layout, name, taken, work);
                }
            }
        };
    }

    /** The result of making one copy. */
    private sealed interface Attempt {
        record Ended(Outcome<Backup> outcome) implements Attempt {}

        /** The copy may mix two states and was discarded. */
        record SourceChanged(Problem problem) implements Attempt {}

        /**
         * The database did not go into a dump, or not out of it again. That says nothing about the database's file.
         *
         * @param finding a sentence
         */
        record NotDumped(String finding) implements Attempt {}

        /** For a copy that cannot be made again, because the source stays locked until it is made. */
        default Outcome<Backup> withoutRepeat() {
            return switch (this) {
                case Ended(Outcome<Backup> outcome) -> outcome;
                case SourceChanged(Problem problem) -> Outcome.refused(problem);
                case NotDumped(String finding) -> Outcome.refused(new Problem.BackupIncompatible(finding));
            };
        }
    }

    /**
     * Decides whether it is the dump that has a limit or the database that is damaged: the main file is copied and checked
     * as a layout without a dump would have it.
     */
    private Problem notDumped(RegisteredDatabase registered, Layout layout, String finding, ProgressMonitor work) {
        Database database = registered.database();
        var mainAlone = new Source(database.source().main(), List.of(), List.of());
        return switch (snapshots.take(mainAlone, work)) {
            case Taken.Refused(Problem problem) -> problem;
            case Taken.Pinned(var snapshot) -> {
                try (snapshot) {
                    Image image = snapshot.images().getFirst();
                    try (StagedArtifact staged = registered.store().stage(image.size())) {
                        copy(image, staged, work);
                        Confirmation confirmation = image.confirm();
                        snapshot.close();
                        if (confirmation instanceof Confirmation.Changed(Problem problem)) {
                            yield problem;
                        }
                        staged.seal();
                        work.enter(Phase.CHECKING_COPY, image.size());
                        yield switch (checks.check(
                                staged.content(), Layout.SQLITE, mainAlone, Depth.QUICK, UnpackLimits.NONE, work)) {
                            case Finding.Sound _ ->
                                new Problem.BackupIncompatible(incompatible(database, layout, finding));
                            case Finding.Damaged(String damage) -> new Problem.SourceCorrupt(damage);
                            case Finding.NotADatabase(String what) -> new Problem.SourceCorrupt(what);
                        };
                    }
                }
            }
        };
    }

    private static String incompatible(Database database, Layout layout, String finding) {
        String others = database.profile().layouts().stream()
                .filter(it -> it != layout)
                .map(Layout::id)
                .collect(Collectors.joining(" or "));
        return "Database " + database.name() + " cannot be backed up in the layout " + layout.id() + ": " + finding
                + " The database itself is not damaged: its file passed a check. No backup was made. The layout "
                + others
                + " takes it, as that has the database's own file.";
    }

    private static List<DatabaseImage> images(Source source, Snapshot snapshot) {
        List<DatabaseImage> images = new ArrayList<>();
        for (int i = 0; i < snapshot.images().size(); i++) {
            images.add(new DatabaseImage(
                    source.databaseFiles().get(i), snapshot.images().get(i)));
        }
        return images;
    }

    /**
     * Makes the safety backup of what is about to be replaced, and of what belongs to the same moment. If that is damaged,
     * the damaged copy is the only way back and is kept, marked as corrupt.
     *
     * @param layout of what is restored: that holds what is replaced
     * @param inconsistency why it is not of one moment, for a person; empty if it is
     */
    Outcome<Backup> keep(
            RegisteredDatabase registered,
            Layout layout,
            List<DatabaseImage> current,
            Optional<String> inconsistency,
            ProgressMonitor work) {
        Source source = registered.database().source();
        List<Path> others = layout == Layout.POCKETBASE_ZIP
                ? source.databaseFiles().stream()
                        .filter(it ->
                                current.stream().noneMatch(image -> image.file().equals(it)))
                        .toList()
                : List.of();
        if (others.isEmpty()) {
            return make(
                            registered,
                            Origin.SAFETY,
                            layout,
                            Optional.empty(),
                            new Moment(clock.instant(), current, () -> {}, inconsistency),
                            work)
                    .withoutRepeat();
        }
        var rest = new Source(others.getFirst(), others.subList(1, others.size()), List.of());
        return switch (snapshots.take(rest, work)) {
            case Taken.Refused(Problem problem)
            when isUnusable(problem) -> {
                String detail = problem.detail();
                yield keepWithout(
                        registered, layout, current, inconsistency.or(() -> incomplete(others, detail)), detail, work);
            }
            case Taken.Refused(Problem problem) -> Outcome.refused(problem);
            case Taken.Pinned(var snapshot) -> {
                try (snapshot) {
                    List<DatabaseImage> all = Stream.concat(current.stream(), images(rest, snapshot).stream())
                            .sorted(Comparator.comparing(
                                    it -> source.databaseFiles().indexOf(it.file())))
                            .toList();
                    yield make(
                                    registered,
                                    Origin.SAFETY,
                                    layout,
                                    Optional.empty(),
                                    new Moment(
                                            clock.instant(),
                                            all,
                                            snapshot::close,
                                            inconsistency.or(snapshot::inconsistency)),
                                    work)
                            .withoutRepeat();
                }
            }
        };
    }

    /** What is not being replaced is in no danger. */
    private Outcome<Backup> keepWithout(
            RegisteredDatabase registered,
            Layout layout,
            List<DatabaseImage> current,
            Optional<String> inconsistency,
            String detail,
            ProgressMonitor work) {
        LOG.log(Level.WARNING, "The safety backup goes without what is not being replaced: " + detail);
        return make(
                        registered,
                        Origin.SAFETY,
                        layout,
                        Optional.empty(),
                        new Moment(clock.instant(), current, () -> {}, inconsistency),
                        work)
                .withoutRepeat();
    }

    /** A database that is missing is missing in the source as well; one that cannot be read is not. */
    private static Optional<String> incomplete(List<Path> others, String detail) {
        return others.stream().anyMatch(it -> Files.exists(it, LinkOption.NOFOLLOW_LINKS))
                ? Optional.of("It lacks a database that was there and could not be read: " + detail)
                : Optional.empty();
    }

    /** A source's databases as they were together. */
    private static final class Moment {
        private final Instant at;
        private final List<DatabaseImage> databases;
        private final Runnable letGo;
        private final Optional<String> inconsistency;
        private @Nullable Confirmation confirmation;

        /**
         * @param letGo of the source, when all of them are copied
         * @param inconsistency why they, or the directories, are not from one moment; empty if they are
         */
        Moment(Instant at, List<DatabaseImage> databases, Runnable letGo, Optional<String> inconsistency) {
            this.inconsistency = inconsistency;
            this.at = at;
            this.databases = databases;
            this.letGo = letGo;
        }

        long size() {
            return databases.stream().mapToLong(it -> it.image().size()).sum();
        }

        /** Called after the last byte of all databases was read. */
        void endReading() {
            confirmation();
            letGo.run();
        }

        /** Whether all databases are as they were; compared at most once, while the source is still held. */
        Confirmation confirmation() {
            if (confirmation == null) {
                confirmation = databases.stream()
                        .map(it -> it.image().confirm())
                        .filter(Confirmation.Changed.class::isInstance)
                        .findFirst()
                        .orElse(Confirmation.UNCHANGED);
            }
            return confirmation;
        }

        Optional<String> remark() {
            List<String> remarks = databases.stream()
                    .flatMap(it -> it.image().remark().stream())
                    .toList();
            return remarks.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", remarks));
        }
    }

    private Attempt make(
            RegisteredDatabase registered,
            Origin origin,
            Layout layout,
            Optional<BackupKey> name,
            Moment moment,
            ProgressMonitor work) {
        Database database = registered.database();
        var head = new ImageHead(database.source().main());
        try (StagedArtifact staged = registered.store().stage(expectedSize(database, layout, moment))) {
            Optional<String> remark;
            try {
                remark = copy(registered, origin, layout, moment, head, staged, work);
            } catch (ProblemException e) {
                // A fault in what was read says nothing about a source that changed meanwhile.
                if (e.problem() instanceof Problem.SourceCorrupt
                        && moment.confirmation() instanceof Confirmation.Changed(Problem problem)) {
                    return new Attempt.SourceChanged(problem);
                }
                if (e.problem() instanceof Problem.BackupIncompatible(String finding) && layout.hasDump()) {
                    return moment.confirmation() instanceof Confirmation.Changed(Problem problem)
                            ? new Attempt.SourceChanged(problem)
                            : new Attempt.NotDumped(finding);
                }
                throw e;
            }
            if (moment.confirmation() instanceof Confirmation.Changed(Problem problem)) {
                return new Attempt.SourceChanged(problem);
            }
            failPoints.reached("backup.copied");
            Sealed sealed = staged.seal();
            Depth depth = depth(registered, origin);
            Verification verification = remarked(
                    remarked(check(database, layout, origin, staged.content(), sealed, depth, work), remark),
                    moment.remark());
            failPoints.reached("backup.checked");
            if (verification instanceof Verification.Corrupt corrupt && origin != Origin.SAFETY && layout.hasDump()) {
                requireAsWritten(staged.content(), sealed, work);
                return new Attempt.NotDumped("What was written cannot be read again: "
                        + corrupt.finding().replaceFirst("\\.$", "") + ".");
            }
            if (verification instanceof Verification.Corrupt corrupt && origin != Origin.SAFETY) {
                return new Attempt.Ended(Outcome.refused(new Problem.SourceCorrupt(corrupt.finding())));
            }
            Optional<MainImage> image = head.image();
            var described = new Described(
                    origin,
                    layout,
                    moment.at,
                    sealed,
                    verification,
                    moment.inconsistency,
                    ownership(layout, moment),
                    image,
                    Optional.empty());
            Stream<BackupKey> names =
                    name.map(Stream::of).orElseGet(() -> database.naming().proposals(origin, layout, moment.at));
            Outcome<Backup> published = image.isEmpty() || origin == Origin.SAFETY
                    ? publish(registered, staged, names, described, work)
                    : assessing.publish(
                            registered,
                            image.get(),
                            moment.at,
                            it -> publish(registered, staged, names, described.with(it), work));
            return new Attempt.Ended(published);
        }
    }

    /** @return what a person should know of the copy */
    private Optional<String> copy(
            RegisteredDatabase registered,
            Origin origin,
            Layout layout,
            Moment moment,
            ImageHead head,
            StagedArtifact staged,
            ProgressMonitor work) {
        List<DatabaseImage> databases = head.watching(moment.databases);
        if (layout == Layout.SQLITE) {
            copy(databases.getFirst().image(), staged, work);
            moment.endReading();
            return Optional.empty();
        }
        Database database = registered.database();
        var contents = new Contents(
                origin == Origin.SAFETY ? database.source() : registered.backedUp(),
                databases,
                moment.at,
                database.compression(),
                origin == Origin.SAFETY,
                moment::endReading);
        return archives.write(layout, contents, staged.output(), work).remark();
    }

    /** An archive records it of each of its parts. */
    private Optional<FileOwnership> ownership(Layout layout, Moment moment) {
        return layout == Layout.SQLITE
                ? snapshots.ownership(moment.databases.getFirst().file())
                : Optional.empty();
    }

    /** How small compression makes it nobody knows before. */
    private static long expectedSize(Database database, Layout layout, Moment moment) {
        boolean plain = layout == Layout.SQLITE || database.compression() == Compression.NONE;
        return plain ? moment.size() : 0;
    }

    private static Verification remarked(Verification verification, Optional<String> remark) {
        return verification instanceof Verification.Passed(Depth depth, Instant at, Optional<String> found)
                        && remark.isPresent()
                ? new Verification.Passed(
                        depth, at, Optional.of(found.map(it -> it + "\n").orElse("") + remark.get()))
                : verification;
    }

    private static void copy(Image image, StagedArtifact staged, ProgressMonitor work) {
        work.enter(Phase.COPYING, image.size());
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = image.open()) {
            // Not closed here: sealing does that, and reports what goes wrong then.
            OutputStream out = staged.output();
            long copied = 0;
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                out.write(chunk, 0, read);
                copied += read;
                work.advance(read);
            }
            if (copied != image.size()) {
                throw new ProblemException(new Problem.SourceCorrupt(
                        "its image has " + copied + " bytes where " + image.size() + " were announced."));
            }
        } catch (IOException e) {
            throw new ProblemException(new Problem.SourceCorrupt("it cannot be read to the end: " + e.getMessage()), e);
        }
    }

    /** A full check of a safety backup would keep the applications' writes waiting for too long. */
    private Depth depth(RegisteredDatabase registered, Origin origin) {
        Depth planned = plans.of(registered).plan().verifyDepth();
        return origin == Origin.SAFETY && planned == Depth.FULL ? Depth.QUICK : planned;
    }

    /** SQLite reads all of the copy; where it is not asked to, the bytes are read back and compared. */
    private Verification check(
            Database database,
            Layout layout,
            Origin origin,
            Artifact copy,
            Sealed sealed,
            Depth depth,
            ProgressMonitor work) {
        work.enter(Phase.CHECKING_COPY, sealed.size());
        // A safety backup is the way back: what the store has of it is compared with what was read, at any depth.
        boolean compared = depth == Depth.CHECKSUM || origin == Origin.SAFETY;
        if (compared) {
            requireAsWritten(copy, sealed, work);
        }
        return checks.check(copy, layout, database.source(), depth, UnpackLimits.NONE, work)
                .verification(depth, clock.instant());
    }

    private static void requireAsWritten(Artifact copy, Sealed sealed, ProgressMonitor work) {
        if (!Integrity.digest(copy, work).equals(sealed.sha256())) {
            throw new ProblemException(new Problem.StoreUnavailable(
                    "What was written to the store is not what is read back from it; look at the disk."));
        }
    }

    /** What is to be said of an artifact that has no name yet. */
    record Described(
            Origin origin,
            Layout layout,
            Instant at,
            Sealed sealed,
            Verification verification,
            Optional<String> inconsistency,
            Optional<FileOwnership> ownership,
            Optional<MainImage> image,
            Optional<Assessment> assessment) {
        Described with(Assessment newAssessment) {
            return new Described(
                    origin,
                    layout,
                    at,
                    sealed,
                    verification,
                    inconsistency,
                    ownership,
                    image,
                    Optional.of(newAssessment));
        }

        Backup as(BackupKey key, DatabaseName database) {
            return new Backup(
                    key,
                    database,
                    sealed.size(),
                    at,
                    Optional.of(sealed.sha256()),
                    origin,
                    layout,
                    verification,
                    false,
                    Backup.Labels.NONE,
                    inconsistency,
                    ownership,
                    image,
                    assessment);
        }
    }

    /** Under the first of the names that is free. */
    Outcome<Backup> publish(
            RegisteredDatabase registered,
            StagedArtifact staged,
            Stream<BackupKey> proposals,
            Described described,
            ProgressMonitor work) {
        work.enter(Phase.PUBLISHING, 0);
        Iterator<BackupKey> names = proposals.iterator();
        Optional<Problem> taken = Optional.empty();
        while (names.hasNext()) {
            work.checkCancelled();
            Backup backup = described.as(names.next(), registered.database().name());
            switch (staged.publish(backup)) {
                case Publication.Published() -> {
                    failPoints.reached("backup.published");
                    return Outcome.done(backup);
                }
                case Publication.KeyTaken(BackupKey key, Optional<String> by) ->
                    taken = Optional.of(new Problem.FilenameTaken(key, by));
            }
        }
        return Outcome.refused(taken.orElseThrow());
    }

    /** Whether a source's file is no database at all, is missing, or is closed to the server. */
    private static boolean isUnusable(Problem problem) {
        return problem instanceof Problem.NotADatabase
                || problem instanceof Problem.SourceNotFound
                || problem instanceof Problem.SourceNotAccessible;
    }
}
