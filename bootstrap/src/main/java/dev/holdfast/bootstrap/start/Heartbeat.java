package dev.holdfast.bootstrap.start;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file by which servers notice each other in a data directory whose file system does not share locks. The running
 * server counts up in it. See {@code docs/internals/locks.md#the-heartbeat}.
 */
public final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    static final Duration INTERVAL = Duration.ofSeconds(2);

    /** How long a heartbeat is watched. A server that wrote nothing for as long has ended, or its disk is away. */
    static final Duration WATCHED = INTERVAL.multipliedBy(5);

    /** How old the heartbeat of another machine must be to count as left behind; its clock is that of the file system. */
    static final Duration FRESH = INTERVAL.multipliedBy(10);

    /** Longer than FUSE and network file systems show the old file under a name. */
    private static final Duration SETTLED = Duration.ofSeconds(3);

    private static final Duration END = Duration.ofSeconds(2);

    private final Path file;
    private final Waiting waiting;
    private final Beat own;
    private final Thread thread;
    private volatile boolean closed;
    private boolean lost;
    private @Nullable Runnable whenLost;

    private Heartbeat(Path file, Waiting waiting, Beat own) {
        this.file = file;
        this.waiting = waiting;
        this.own = own;
        this.thread = Thread.ofPlatform().daemon().name("heartbeat").unstarted(this::run);
    }

    /** How a test passes the time. */
    interface Waiting {
        void pause(Duration time) throws InterruptedException;

        Waiting REAL = time -> TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }

    /** The machine and process in which a server runs. */
    record Place(String host, String boot, String processes, long pid) {
        /** Of this process. Names that the system does not give are empty, and then no process can be looked up. */
        static Place here() {
            return new Place(
                    read(Path.of("/proc/sys/kernel/hostname")),
                    read(Path.of("/proc/sys/kernel/random/boot_id")),
                    link(Path.of("/proc/self/ns/pid")),
                    ProcessHandle.current().pid());
        }

        private static String read(Path name) {
            try {
                return Files.readString(name).strip();
            } catch (IOException e) {
                return "";
            }
        }

        private static String link(Path name) {
            try {
                return Files.readSymbolicLink(name).toString();
            } catch (IOException e) {
                return "";
            }
        }

        /** Whether the process has certainly ended. In a container, the next one often has the same number. */
        private boolean knowsToBeOver(Place other) {
            return seesProcessesOf(other)
                    && (other.pid == pid || ProcessHandle.of(other.pid).isEmpty());
        }

        private boolean seesProcessesOf(Place other) {
            return !boot.isEmpty()
                    && !processes.isEmpty()
                    && boot.equals(other.boot)
                    && processes.equals(other.processes)
                    && host.equals(other.host);
        }

        private boolean isOtherMachine(Place other) {
            return !host.equals(other.host) && !boot.equals(other.boot);
        }
    }

    /** @param run tells this server from any other, also from the same one after its next start */
    record Beat(String run, Place place, long count) {
        String text() {
            return String.join(
                    " ",
                    run,
                    encoded(place.host()),
                    encoded(place.boot()),
                    encoded(place.processes()),
                    Long.toString(place.pid()),
                    Long.toString(count) + "\n");
        }

        /** Empty for a file that another program has made, or that is not complete. */
        static Optional<Beat> of(String text) {
            String[] words = text.split("[ \n]", -1);
            if (words.length != 7 || !words[4].matches("\\d{1,18}") || !words[5].matches("\\d{1,18}")) {
                return Optional.empty();
            }
            try {
                var place =
                        new Place(decoded(words[1]), decoded(words[2]), decoded(words[3]), Long.parseLong(words[4]));
                return Optional.of(new Beat(words[0], place, Long.parseLong(words[5])));
            } catch (IllegalArgumentException e) {
                return Optional.empty(); // no encoding of a name
            }
        }

        private static String encoded(String word) {
            return "=" + URLEncoder.encode(word, UTF_8);
        }

        private static String decoded(String word) {
            return URLDecoder.decode(word.substring(Math.min(1, word.length())), UTF_8);
        }

        private Beat next() {
            return new Beat(run, place, count + 1);
        }
    }

    /**
     * Begins a heartbeat, unless another server has one. Takes some seconds.
     *
     * @throws StartupException if another server runs on this directory, or may
     */
    static Heartbeat begin(Path file, RandomGenerator random, Place here, Waiting waiting) {
        byte[] run = new byte[16];
        random.nextBytes(run);
        var heartbeat = new Heartbeat(file, waiting, new Beat(HexFormat.of().formatHex(run), here, 0));
        try {
            heartbeat.requireAlone();
            heartbeat.write(heartbeat.own);
            waiting.pause(SETTLED);
            Optional<Beat> now = heartbeat.read();
            if (now.filter(it -> it.run().equals(heartbeat.own.run())).isEmpty()) {
                throw refused(file, now);
            }
        } catch (IOException e) {
            throw new StartupException("holdfast.data-dir: " + file
                    + " (expected: a file that can be read and written; " + e.getMessage() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("holdfast.data-dir: the start was interrupted");
        }
        heartbeat.thread.start();
        return heartbeat;
    }

    private void requireAlone() throws IOException, InterruptedException {
        Optional<Beat> found = read();
        if (found.isEmpty()) {
            return;
        }
        Place place = found.get().place();
        if (own.place().knowsToBeOver(place)) {
            return;
        }
        if (own.place().isOtherMachine(place) && age().compareTo(FRESH) < 0) {
            throw refused(file, found);
        }
        for (Duration watched = Duration.ZERO; watched.compareTo(WATCHED) < 0; watched = watched.plus(INTERVAL)) {
            waiting.pause(INTERVAL);
            Optional<Beat> now = read();
            if (!now.equals(found)) {
                throw refused(file, now.or(() -> found));
            }
        }
    }

    /** By the clock of the file system, which may be another machine's. */
    private Duration age() throws IOException {
        Path probe = part();
        Files.writeString(probe, own.text(), US_ASCII);
        try {
            return Duration.between(
                    Files.getLastModifiedTime(file).toInstant(),
                    Files.getLastModifiedTime(probe).toInstant());
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    private static StartupException refused(Path file, Optional<Beat> other) {
        return new StartupException("holdfast.data-dir: " + file.getParent()
                + " (expected: a directory that no other server uses; "
                + other.map(it -> "a server on host " + it.place().host() + ", process "
                                + it.place().pid() + ", writes to ")
                        .orElse("another server has removed ")
                + file + ". Stop that server. If it has ended without removing the file, wait "
                + FRESH.toSeconds() + " seconds and start again)");
    }

    private Path part() {
        return file.resolveSibling(file.getFileName() + "." + own.run() + ".part");
    }

    private Optional<Beat> read() throws IOException {
        try {
            return Beat.of(Files.readString(file, US_ASCII));
        } catch (NoSuchFileException | CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private void write(Beat beat) throws IOException {
        Path part = part();
        Files.writeString(part, beat.text(), US_ASCII);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private void run() {
        Beat beat = own;
        try {
            while (!closed) {
                waiting.pause(INTERVAL);
                beat = beat.next();
                if (!closed && !beats(beat)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // closed
        }
        boolean _ = Thread.interrupted(); // an interrupted thread cannot read files
        removeOwn();
    }

    /** @return false if another server has taken over */
    private boolean beats(Beat beat) {
        try {
            Optional<Beat> now = read();
            if (now.filter(it -> !it.run().equals(own.run())).isPresent()) {
                loseTo(now.get());
                return false;
            }
            write(beat);
        } catch (IOException | UncheckedIOException e) {
            if (!closed) {
                LOG.warn(
                        "{} cannot be written; another server could take this one to have ended: {}",
                        file,
                        e.toString());
            }
        }
        return true;
    }

    private void removeOwn() {
        try {
            if (read().filter(it -> it.run().equals(own.run())).isPresent()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("{} cannot be removed; the next start waits some seconds longer: {}", file, e.toString());
        }
    }

    private void loseTo(Beat other) {
        LOG.error(
                "Another server (host {}, process {}) has taken over the data directory {}. This server stops, so that"
                        + " the two do not change the same data",
                other.place().host(),
                other.place().pid(),
                file.getParent());
        Runnable action;
        synchronized (this) {
            lost = true;
            action = whenLost;
        }
        if (action != null) {
            action.run();
        }
    }

    /** Runs {@code action} when another server has taken over, at once if it already has. */
    public void whenLost(Runnable action) {
        boolean now;
        synchronized (this) {
            whenLost = action;
            now = lost;
        }
        if (now) {
            action.run();
        }
    }

    /** Removes the file if it is this server's. Does not wait for a file system that does not answer. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        if (thread.equals(Thread.currentThread())) {
            return;
        }
        try {
            thread.join(END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
