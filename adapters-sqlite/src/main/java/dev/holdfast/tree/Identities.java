package dev.holdfast.tree;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The identities of files on file systems that may not answer. Such a file is left out: a file that answers is not
 * on the same file system, so it is another one. Each path has at most one thread that waits for it.
 */
public final class Identities {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private static final Duration IDLE = Duration.ofSeconds(1);

    private static final ExecutorService THREADS = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("file-identity-", 0).factory());

    private static final ConcurrentMap<Path, Future<Optional<FileIdentity>>> ASKED = new ConcurrentHashMap<>();

    private Identities() {}

    /** Returns those of the paths at which something is, and which answer within a second in all. */
    public static Map<Path, FileIdentity> of(Collection<Path> paths) {
        return of(paths, FileIdentity::of);
    }

    /** As {@link #of}, without those that have a link in their path. */
    public static Map<Path, FileIdentity> withoutLinks(Collection<Path> paths) {
        return of(paths, FileIdentity::withoutLinks);
    }

    /**
     * Whether something else is at the path by now, or nothing: then the inode that was found there can be another file's. False
     * also if the path does not answer within a second, or may not be looked at.
     *
     * @param withoutLinks whether a path with a link leads to nothing
     */
    public static boolean hasLeft(FileIdentity file, Path path, boolean withoutLinks) {
        Optional<FileIdentity> now = answers(
                        List.of(path), withoutLinks ? FileIdentity::withoutLinks : FileIdentity::of)
                .getOrDefault(path, Optional.of(file));
        return !now.equals(Optional.of(file));
    }

    private interface Look {
        Optional<FileIdentity> at(Path path) throws IOException;
    }

    private static Map<Path, FileIdentity> of(Collection<Path> paths, Look look) {
        Map<Path, FileIdentity> found = new HashMap<>();
        answers(paths, look).forEach((path, answer) -> answer.ifPresent(it -> found.put(path, it)));
        return found;
    }

    /** Those that answer. */
    private static Map<Path, Optional<FileIdentity>> answers(Collection<Path> paths, Look look) {
        Set<Path> asked = new LinkedHashSet<>(paths);
        Map<Path, Future<Optional<FileIdentity>>> looks = new HashMap<>();
        for (Path path : asked) {
            Future<Optional<FileIdentity>> hanging = ASKED.get(path);
            if (hanging == null) {
                looks.put(path, ask(path, look));
            } else if (hanging.isDone()) {
                ASKED.remove(path, hanging);
                looks.put(path, ask(path, look));
            }
        }
        long end = System.nanoTime() + LIMIT.toNanos();
        Map<Path, Optional<FileIdentity>> answers = new HashMap<>();
        looks.forEach(
                (path, answer) -> await(path, answer, end - System.nanoTime(), found -> answers.put(path, found)));
        return answers;
    }

    private static Future<Optional<FileIdentity>> ask(Path path, Look look) {
        return THREADS.submit(() -> look.at(path));
    }

    /** @param found takes what is there, or that nothing is; not called if there is no answer */
    private static void await(
            Path path, Future<Optional<FileIdentity>> answer, long nanos, Consumer<Optional<FileIdentity>> found) {
        try {
            found.accept(answer.get(Math.max(nanos, 0), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            ASKED.putIfAbsent(path, answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof IOException)) {
                throw new IllegalStateException(e.getCause());
            }
            // The server may not look there, so it opens nothing there either.
        }
    }
}
