package dev.holdfast.sqlite.io;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The state of a file as {@code stat} reports it by path. A write changes the times, a rename the inode. See
 * {@code docs/internals/sources.md#the-clock-of-the-file-system}.
 *
 * @param modified in nanoseconds since the epoch
 * @param changed in nanoseconds since the epoch; no program can set it
 */
public record FileState(long device, long inode, long size, long modified, long changed) {
    /** Longer than a tick of the kernel, by which file systems with fine time stamps take them. */
    private static final Duration TICK = Duration.ofMillis(20);

    /** The tick of file systems that store whole or even seconds. */
    private static final Duration COARSE_TICK = Duration.ofMillis(2100);

    private static final long NANOS_OF_A_SECOND = TimeUnit.SECONDS.toNanos(1);

    public static FileState of(Path file) throws IOException {
        Map<String, Object> seen =
                Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime", NOFOLLOW_LINKS);
        return new FileState(
                (Long) requireNonNull(seen.get("dev")),
                (Long) requireNonNull(seen.get("ino")),
                (Long) requireNonNull(seen.get("size")),
                nanos(seen, "lastModifiedTime"),
                nanos(seen, "ctime"));
    }

    private static long nanos(Map<String, Object> seen, String name) {
        return ((FileTime) requireNonNull(seen.get(name))).to(TimeUnit.NANOSECONDS);
    }

    public boolean isSameFile(FileState other) {
        return device == other.device && inode == other.inode;
    }

    /** How long an equal state has to be seen again until a later write is certain to have a later time. */
    public Duration tick() {
        boolean coarse = changed % NANOS_OF_A_SECOND == 0 && modified % NANOS_OF_A_SECOND == 0;
        return coarse ? COARSE_TICK : TICK;
    }

    /** Whether the last change is so recent that another one may get the same time. Also if it is in the future. */
    public boolean isRecent(Instant now) {
        long age = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - Math.max(modified, changed);
        return age < tick().multipliedBy(2).toNanos();
    }
}
