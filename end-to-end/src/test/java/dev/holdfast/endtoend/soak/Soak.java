package dev.holdfast.endtoend.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.testkit.JavaProcess;
import java.io.BufferedReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The soaks, each of which runs for a bounded time and ends with one line that says how it went. */
public final class Soak {
    private static final String USAGE = """
            usage: ./soak [NAME] [--seconds N] [--seed S] [--only TEXT] [--at PATH]
                   ./soak packages DIR… [--seconds N] [--only TEXT]
                   ./soak fuzz --replay FILE
                   ./soak --list

              NAME          one of ./soak --list; without it, all that need no folder, one after the other
              --seconds N   how long each runs at most; its own time, which ./soak --list shows, if it is not given
              --seed S      repeats the order of an earlier run, which printed it
              --only TEXT   only what has TEXT in its name, as "restore (WAL)"
              --at PATH     only file system calls with PATH in the path of their file
              --replay FILE tries a finding of an earlier run again
              --product DIR, as the first argument: tries the product that another checkout has built""";
    private static final Pattern ROUNDS = Pattern.compile("(\\d+) (?:rounds|inputs)");
    private static final int MAX_SECONDS = 86_400;

    /** One line for each soak: its name, its time, what it does, and how it runs. */
    private static final List<Kit> KITS = List.of(
            new Kit(
                    "faults",
                    600,
                    "each operation with a fault at its n-th file system call, for all n; all of them take 2 hours",
                    FaultSoak::run),
            new Kit(
                    "leftovers",
                    1500,
                    "backups and restores over leftover files, compared with what SQLite's shell shows",
                    settings -> program("dev.holdfast.sqlite.LeftoverKit", settings)),
            new Kit(
                    "writers",
                    900,
                    "backups and restores under programs that write without a pause or switch the journal mode",
                    settings -> TestSoak.run(
                            settings,
                            "dev.holdfast.endtoend.operations.BackUpWhileWritingTest",
                            "dev.holdfast.endtoend.operations.RestoreWhileWritingTest",
                            "dev.holdfast.endtoend.operations.ArchivesOfOneMomentTest",
                            "dev.holdfast.sqlite.SnapshotUnderWritersTest",
                            "dev.holdfast.sqlite.ModeSwitchTest")),
            new Kit(
                    "unlocked-writers",
                    300,
                    "backups under programs that write without SQLite's locks, compared with what they wrote",
                    settings -> program("dev.holdfast.sqlite.UnlockedWriterSoak", settings)),
            new Kit(
                    "stores",
                    1200,
                    "databases whose stores are exchanged, unmounted, frozen and remounted, with an account of each disk",
                    settings -> program("dev.holdfast.endtoend.soak.stores.StoreSoak", settings)),
            new Kit(
                    "frozen-store",
                    420,
                    "a store that does not answer for two minutes, while others have backups due and clients ask",
                    settings -> program("dev.holdfast.endtoend.soak.stores.FrozenStoreSoak", settings)),
            new Kit(
                    "location-swaps",
                    300,
                    "paths of databases that are exchanged for ways to the catalogue and to another database",
                    LocationSwapSoak::run),
            new Kit(
                    "large-database",
                    300,
                    "a database of more than a gigabyte: backup, restore, cancellation, with a heap of 128 MiB",
                    settings -> TestSoak.run(settings, "dev.holdfast.endtoend.sources.RealDatabasesTest")),
            new Kit(
                    "grpc-downloads",
                    300,
                    "a download of two gibibytes over gRPC, and ten slow readers at once",
                    settings -> TestSoak.run(settings, "dev.holdfast.endtoend.clients.LargeGrpcDownloadsTest")),
            new Kit(
                    "grpc-floods",
                    420,
                    "floods of HTTP/2 frames of 60 s each before any sign-in: their cost, and other calls meanwhile",
                    settings -> TestSoak.run(settings, "dev.holdfast.endtoend.floods.GrpcFloodsTest")),
            new Kit(
                    "fuzz",
                    600,
                    "archives, dumps and databases that something was done to; findings are in target/fuzz",
                    Soak::fuzz),
            new Kit(
                    "packages",
                    1800,
                    "backups and restores of every SQLite file below the given folders, compared with SQLite's dump",
                    Input.FOLDERS,
                    PackageSoak::run));

    private Soak() {}

    /** The input that a soak needs in addition to its settings. */
    private enum Input {
        NONE,
        FOLDERS
    }

    /** @param seconds how long it runs if its caller does not say */
    private record Kit(String name, int seconds, String description, Input input, Run run) {
        Kit(String name, int seconds, String description, Run run) {
            this(name, seconds, description, Input.NONE, run);
        }
    }

    interface Run {
        Verdict run(Settings settings) throws Exception;
    }

    /**
     * @param only a part of the name of what is to be played; empty for everything
     * @param at a part of the paths of the calls that are counted; empty for all calls
     * @param replay a finding that is tried again, in place of everything else; empty for none
     * @param trees the folders with the files to play; empty for a soak that needs none
     * @param out for what was covered, and for each alarm
     */
    record Settings(
            Duration duration,
            long seed,
            String only,
            String at,
            Optional<Path> replay,
            List<Path> trees,
            PrintStream out) {
        boolean isChosen(String name) {
            return name.contains(only);
        }
    }

    private static Verdict fuzz(Settings settings) throws Exception {
        List<String> more = new ArrayList<>(List.of("--findings", "target/fuzz"));
        settings.replay().ifPresent(it -> more.addAll(List.of("--replay", it.toString())));
        return program(List.of(), "dev.holdfast.files.archive.hostile.Fuzz", settings, more);
    }

    /**
     * Runs a soak that is a program of its own, which ends with 0 if nothing is wrong and says how many rounds it took.
     * For the registry: {@code settings -> program("the.main.Class", settings)}.
     */
    private static Verdict program(String mainClass, Settings settings) throws Exception {
        return program(List.of(), mainClass, settings, List.of());
    }

    /**
     * As {@link #program(String, Settings)}.
     *
     * @param options of the JVM
     * @param more arguments behind the settings
     */
    static Verdict program(List<String> options, String mainClass, Settings settings, List<String> more)
            throws Exception {
        var command = new ArrayList<String>();
        command.add(JavaProcess.program());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(List.of("--seconds", Long.toString(settings.duration().toSeconds())));
        command.addAll(List.of("--seed", Long.toString(settings.seed())));
        if (!settings.only().isEmpty()) {
            command.addAll(List.of("--only", settings.only()));
        }
        command.addAll(more);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        int rounds = 0;
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                settings.out().println(line);
                Matcher matcher = ROUNDS.matcher(line);
                rounds = matcher.find() ? Integer.parseInt(matcher.group(1)) : rounds;
            }
        }
        return new Verdict(rounds, process.waitFor() == 0 ? 0 : 1);
    }

    /** @param alarms how many different things were found wrong */
    record Verdict(int rounds, int alarms) {
        boolean passed() {
            return rounds > 0 && alarms == 0;
        }
    }

    public static void main(String[] arguments) throws Exception {
        System.exit(run(arguments, System.out, System.err));
    }

    /** @return 0 if nothing is wrong, 1 if something is, 2 if the arguments are wrong */
    static int run(String[] arguments, PrintStream out, PrintStream err) throws Exception {
        Map<String, String> options = new LinkedHashMap<>();
        List<Kit> kits = List.of();
        List<Path> trees = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            switch (argument) {
                case "--list" -> {
                    KITS.forEach(it -> out.println(it.name() + " (" + it.seconds() + " s): " + it.description()));
                    return 0;
                }
                case "--help" -> {
                    out.println(USAGE);
                    return 0;
                }
                case "--seconds", "--seed", "--only", "--at", "--replay" -> {
                    if (++i == arguments.length) {
                        return wrong(err, argument + ": nothing (expected: a value)");
                    }
                    options.put(argument, arguments[i]);
                }
                default -> {
                    if (kits.stream().anyMatch(it -> it.input() == Input.FOLDERS)) {
                        Path tree = given(argument);
                        if (!Files.isDirectory(tree)) {
                            return wrong(err, "DIR: " + argument + " (expected: a folder)");
                        }
                        trees.add(tree.toRealPath());
                        break;
                    }
                    kits = KITS.stream()
                            .filter(it -> it.name().equals(argument))
                            .toList();
                    if (kits.isEmpty()) {
                        return wrong(
                                err,
                                "NAME: " + argument + " (expected: "
                                        + KITS.stream().map(Kit::name).collect(Collectors.joining(", ")) + ")");
                    }
                }
            }
        }
        if (kits.stream().anyMatch(it -> it.input() == Input.FOLDERS) && trees.isEmpty()) {
            return wrong(
                    err,
                    "DIR: nothing (expected: folders with SQLite files, for example of packages that dpkg-deb -x has"
                            + " unpacked: ./soak packages DIR…)");
        }
        if (kits.isEmpty()) {
            kits = KITS.stream().filter(it -> it.input() == Input.NONE).toList();
        }
        long seconds = number(options, "--seconds", MAX_SECONDS);
        if (seconds < 1 || seconds > MAX_SECONDS) {
            return wrong(err, "--seconds: " + options.get("--seconds") + " (expected: 1 to " + MAX_SECONDS + ")");
        }
        long seed = number(options, "--seed", new SecureRandom().nextInt(1, Integer.MAX_VALUE));
        if (seed < 1) {
            return wrong(err, "--seed: " + options.get("--seed") + " (expected: 1 to " + Long.MAX_VALUE + ")");
        }
        Optional<Path> replay = Optional.ofNullable(options.get("--replay")).map(Soak::given);
        if (replay.isPresent() && !Files.isRegularFile(replay.get())) {
            return wrong(err, "--replay: " + options.get("--replay") + " (expected: a finding, target/fuzz/NAME.txt)");
        }
        boolean passed = true;
        for (Kit kit : kits) {
            long limit = options.containsKey("--seconds") ? seconds : kit.seconds();
            var settings = new Settings(
                    Duration.ofSeconds(limit),
                    seed,
                    options.getOrDefault("--only", ""),
                    options.getOrDefault("--at", ""),
                    replay,
                    trees,
                    out);
            out.println("soak: " + kit.name() + ", seed " + seed + ", at most " + limit + " s");
            long begin = System.nanoTime();
            Verdict verdict = kit.run().run(settings);
            if (verdict.rounds() == 0) {
                out.println("soak: " + kit.name() + ": no round came to its end"
                        + (settings.only().isEmpty() ? "" : "; perhaps nothing is called \"" + settings.only() + "\""));
            }
            out.println(
                    "soak: " + kit.name() + ": " + (verdict.passed() ? "passed" : "failed") + ", " + verdict.rounds()
                            + " rounds, seed " + seed + ", "
                            + Duration.ofNanos(System.nanoTime() - begin).toSeconds() + " s");
            passed &= verdict.passed();
        }
        return passed ? 0 : 1;
    }

    /** The script works in the checkout's folder, but its user may be in another one. */
    private static Path given(String path) {
        return Path.of(System.getProperty("soak.folder", "")).resolve(path);
    }

    private static int wrong(PrintStream err, String message) {
        err.println("soak: " + message);
        err.println(USAGE);
        return 2;
    }

    /** @return 0 if it is no number */
    private static long number(Map<String, String> options, String name, long otherwise) {
        String text = options.get(name);
        if (text == null) {
            return otherwise;
        }
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
    }
}
