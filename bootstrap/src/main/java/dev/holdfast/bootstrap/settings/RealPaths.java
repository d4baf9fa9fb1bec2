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
 * Paths without symbolic links, on file systems of which one may not answer. Such a path is as it was last found, or as it
 * is written. Each path has at most one thread that waits for it.
 */
final class RealPaths {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private static final ConcurrentMap<Path, Asked> ASKED = new ConcurrentHashMap<>();
    private static final ConcurrentMap<Path, Path> LAST = new ConcurrentHashMap<>();

    private RealPaths() {}

    private record Asked(FutureTask<Path> answer, long nanos) {
        boolean isOutdated() {
            return answer.isDone() && System.nanoTime() - nanos > LIMIT.toNanos();
        }

        static Asked about(Path path) {
            var answer = new FutureTask<>(() -> resolve(path));
            Thread.ofPlatform().daemon().name("real-path").start(answer);
            return new Asked(answer, System.nanoTime());
        }
    }

    /** Asks for all of them at the same time, so that several that do not answer take no longer than one. */
    static void ask(Collection<Path> paths) {
        paths.forEach(RealPaths::asked);
    }

    private static Asked asked(Path path) {
        return ASKED.compute(path, (_, before) -> before == null || before.isOutdated() ? Asked.about(path) : before);
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
