package dev.holdfast.bootstrap.settings;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Paths without symbolic links, on file systems that may not answer. A path without an answer is as it was last found, or as it
 * is written. Each path has at most one thread that waits for it.
 */
final class RealPaths {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    /** Those that have not answered. An answer is used once only: a link can be replaced at any moment. */
    private static final ConcurrentMap<Path, Asked> ASKED = new ConcurrentHashMap<>();

    private static final ConcurrentMap<Path, Path> LAST = new ConcurrentHashMap<>();

    private RealPaths() {}

    private record Asked(FutureTask<Path> answer, long nanos) {
        static Asked about(Path path) {
            var answer = new FutureTask<>(() -> resolve(path));
            Thread.ofPlatform().daemon().name("real-path").start(answer);
            return new Asked(answer, System.nanoTime());
        }
    }

    /** Finds out which of them do not answer, all at the same time: {@link #of} does not wait for those again. */
    static void ask(Collection<Path> paths) {
        paths.forEach(RealPaths::asked);
        paths.forEach(RealPaths::of);
    }

    private static Asked asked(Path path) {
        return ASKED.compute(
                path, (_, before) -> before == null || before.answer().isDone() ? Asked.about(path) : before);
    }

    /** Symbolic links resolved to where the path exists. Waits for at most a second. */
    static Path of(Path path) {
        Asked asked = asked(path);
        try {
            long left = asked.nanos() + LIMIT.toNanos() - System.nanoTime();
            Path real = asked.answer().get(Math.max(0, left), TimeUnit.NANOSECONDS);
            ASKED.remove(path, asked);
            LAST.put(path, real);
            return real;
        } catch (TimeoutException e) {
            return otherwise(path);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return otherwise(path);
        } catch (ExecutionException e) {
            ASKED.remove(path, asked);
            throw new IllegalStateException(e.getCause());
        }
    }

    private static Path otherwise(Path path) {
        return LAST.getOrDefault(path, path.toAbsolutePath().normalize());
    }

    private static Path resolve(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            Path parent = path.getParent();
            return parent == null ? path : resolve(parent).resolve(path.getFileName());
        }
    }
}
