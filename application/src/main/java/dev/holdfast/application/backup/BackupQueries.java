package dev.holdfast.application.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.Databases.LocatedBackup;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The calls that change nothing but what is noted of a backup that proves damaged. */
record BackupQueries(Databases databases, Leases leases, Integrity integrity, InstantSource clock)
        implements ListBackups, FindBackup, OpenBackup {
    @Override
    public Outcome<Page> list(String database, int pageSize, String pageToken) {
        if (pageSize < 0) {
            return Outcome.refused(new Problem.InvalidArgument("page_size", "page_size: expected 0 or more"));
        }
        Optional<Position> after = Position.parse(pageToken);
        if (after.isEmpty() && !pageToken.isEmpty()) {
            return Outcome.refused(
                    new Problem.InvalidArgument("page_token", "page_token: expected one from the page before"));
        }
        return Outcome.attempt(() -> databases
                .find(database)
                .then(registered -> Outcome.done(page(registered.store().list(), pageSize, after))));
    }

    @Override
    public Outcome<Map<BackupKey, Instant>> modificationTimes(String database) {
        return Outcome.attempt(() -> databases
                .find(database)
                .then(registered -> Outcome.done(registered.store().modificationTimes())));
    }

    private static Page page(List<Backup> newestFirst, int pageSize, Optional<Position> after) {
        int size = pageSize == 0 ? LARGEST_PAGE : Math.min(pageSize, LARGEST_PAGE);
        List<Backup> rest = newestFirst.stream()
                .dropWhile(it -> after.isPresent() && !after.get().isBefore(it))
                .limit(size + 1L)
                .toList();
        List<Backup> page = rest.subList(0, Math.min(size, rest.size()));
        return new Page(page, rest.size() > size ? Position.of(page.getLast()).token() : "");
    }

    @Override
    public Outcome<Backup> find(String database, String filename) {
        return Outcome.attempt(() -> databases.findBackup(database, filename).then(it -> Outcome.done(it.backup())));
    }

    @Override
    public Outcome<Opened> open(String database, String filename, ProgressMonitor work) {
        return Outcome.attempt(() -> databases.findBackup(database, filename).then(it -> open(it, work)));
    }

    private Outcome<Opened> open(LocatedBackup located, ProgressMonitor work) {
        Backup backup = located.backup();
        Optional<Leases.Lease> lease = leases.read(backup.database(), backup.key());
        boolean handedOver = false;
        try {
            Optional<Artifact> artifact =
                    lease.flatMap(_ -> located.registered().store().open(backup.key()));
            if (artifact.isEmpty()) {
                return Outcome.refused(new Problem.BackupNotFound(backup.key()));
            }
            Optional<String> finding = integrity.findingBeforeDownload(backup, artifact.get(), work);
            if (finding.isPresent()) {
                var corrupt = new Verification.Corrupt(Depth.CHECKSUM, clock.instant(), finding.get());
                located.registered()
                        .store()
                        .update(backup.key(), it -> it.isOfSameArtifactAs(backup) ? it.with(corrupt) : it);
                return Outcome.refused(new Problem.BackupCorrupt(backup.key(), finding.get()));
            }
            requireReadable(artifact.get());
            handedOver = true;
            return Outcome.done(new OpenedBackup(backup, artifact.get(), lease.get()));
        } finally {
            if (!handedOver) {
                lease.ifPresent(Leases.Lease::close);
            }
        }
    }

    /** The content was maybe compared long ago. A store that does not answer must be an error, not a body cut short. */
    private static void requireReadable(Artifact artifact) {
        try (InputStream in = artifact.open(0)) {
            var _ = in.read();
        } catch (IOException e) {
            throw new ProblemException(
                    new Problem.StoreUnavailable("The backup cannot be read from its store: " + e.getMessage()), e);
        }
    }

    private record OpenedBackup(Backup backup, Artifact artifact, Leases.Lease lease) implements Opened {
        @Override
        public void close() {
            lease.close();
        }
    }

    /** Behind which backup a page begins. Holds when backups come and go in between. */
    private record Position(Instant createdAt, BackupKey key) {
        static Position of(Backup backup) {
            return new Position(backup.createdAt(), backup.key());
        }

        String token() {
            return Base64.getUrlEncoder().withoutPadding().encodeToString((createdAt + "/" + key).getBytes(UTF_8));
        }

        static Optional<Position> parse(String token) {
            try {
                String text = new String(Base64.getUrlDecoder().decode(token), UTF_8);
                int slash = text.indexOf('/');
                return slash < 0 || !BackupKey.isValid(text.substring(slash + 1))
                        ? Optional.empty()
                        : Optional.of(new Position(
                                Instant.parse(text.substring(0, slash)), new BackupKey(text.substring(slash + 1))));
            } catch (IllegalArgumentException | DateTimeParseException e) {
                return Optional.empty();
            }
        }

        /** In the order of {@link Backup#newestFirst()}. */
        boolean isBefore(Backup backup) {
            int time = createdAt.compareTo(backup.createdAt());
            return time > 0 || (time == 0 && key.compareTo(backup.key()) > 0);
        }
    }
}
