package dev.holdfast.application.filesystem;

import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.problem.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The file systems of all stores and sources: two for each database, each with threads and limits of its own. */
public final class FileSystems implements Hangs {
    private static final Duration IDLE = Duration.ofSeconds(3);

    private final CallLimits limits;
    private final InstantSource clock;
    private final Consumer<Path> look;
    private final RepeatedProbes repeated;
    private final Executor probers = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("file-system-probe-", 1).factory());
    private final Map<DatabaseName, OfDatabase> databases = new ConcurrentSkipListMap<>();

    /** @param folders that the store is in as well */
    private record OfDatabase(
            Place storePlace,
            FileSystemCalls store,
            Place sourcePlace,
            FileSystemCalls source,
            AtomicReference<List<Path>> folders) {
        Optional<Hang> storeHang() {
            return store.hungSince().map(storePlace::hang);
        }

        Optional<Hang> sourceHang() {
            return source.hungSince().map(sourcePlace::hang);
        }
    }

    /**
     * @param look asks the file system that a path is on; changes nothing, opens no file, and may hang
     * @param mounts what is mounted where, comparable; asks no file system
     */
    public FileSystems(CallLimits limits, InstantSource clock, Consumer<Path> look, Supplier<?> mounts) {
        this.limits = limits;
        this.clock = clock;
        this.look = look;
        repeated = new RepeatedProbes(mounts);
    }

    /** Adds those of one database; to be called once for each, before anything else. */
    public void add(Database database, Path backupDirectory) {
        DatabaseName name = database.name();
        var store = new Place(
                "The backup directory " + backupDirectory + " of database " + name + " has",
                Problem.StoreUnavailable::new);
        var source = new Place(
                "The files of database " + name + " (" + database.source().main() + ") have", Problem.SourceBusy::new);
        List<Path> files = Stream.concat(
                        database.source().databaseFiles().stream(), database.source().directories().stream())
                .toList();
        var folders = new AtomicReference<List<Path>>(List.of());
        FileSystemCalls sourceCalls = calls("source " + name, source, () -> files, () -> false);
        FileSystemCalls storeCalls = calls(
                "store " + name,
                store,
                () -> Stream.concat(Stream.of(backupDirectory), folders.get().stream())
                        .toList(),
                () -> sourceCalls.hungSince().isPresent());
        databases.put(name, new OfDatabase(store, storeCalls, source, sourceCalls, folders));
    }

    private FileSystemCalls calls(String name, Place place, Supplier<List<Path>> paths, BooleanSupplier alsoHangs) {
        return new FileSystemCalls(
                name,
                () -> paths.get().forEach(look),
                place::problem,
                limits,
                clock,
                probers,
                repeated,
                this::probe,
                alsoHangs);
    }

    /** Has the store's probes look at these folders as well: it is in them, in addition to the backup directory. */
    public void watch(DatabaseName database, List<Path> folders) {
        of(database).folders().set(List.copyOf(folders));
    }

    /** @param begin of a sentence that ends with {@code not answered since…} */
    private record Place(String begin, Function<String, Problem> problem) {
        private static final String TO_DO =
                " Look after the disk, the mount or the network server; Holdfast goes on by itself.";

        private String begin(Instant since) {
            return begin + " not answered since " + since.truncatedTo(ChronoUnit.SECONDS) + ".";
        }

        Problem problem(Instant since, boolean mayChange) {
            return problem.apply(begin(since)
                    + (mayChange
                            ? " What was asked for may still happen when there is an answer; look at the result then."
                            : " Nothing was read or changed.")
                    + TO_DO);
        }

        Hang hang(Instant since) {
            return new Hang(since, problem(since, false), begin(since) + TO_DO);
        }
    }

    public FileSystemCalls store(DatabaseName database) {
        return of(database).store();
    }

    public FileSystemCalls source(DatabaseName database) {
        return of(database).source();
    }

    private OfDatabase of(DatabaseName database) {
        OfDatabase found = databases.get(database);
        if (found == null) {
            throw new IllegalArgumentException("database: " + database + " (expected: one that was added)");
        }
        return found;
    }

    /** Begins to ask every file system whether it answers. Waits for nothing. */
    public void probe() {
        databases.values().forEach(it -> {
            it.store().probe();
            it.source().probe();
        });
    }

    @Override
    public Optional<Hang> of(DatabaseName database, OperationKind kind) {
        OfDatabase found = databases.get(database);
        if (found == null) {
            return Optional.empty();
        }
        return switch (kind) {
            case BACKUP, RESTORE -> found.storeHang().or(found::sourceHang);
            case VERIFY, EXPIRE, DRILL, UPLOAD -> found.storeHang();
        };
    }
}
