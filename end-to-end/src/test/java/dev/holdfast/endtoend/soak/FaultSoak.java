package dev.holdfast.endtoend.soak;

import static java.util.Objects.requireNonNull;

import dev.holdfast.endtoend.soak.Soak.Verdict;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Every operation of the server with a fault at its n-th file system call, for n = 1, 2, 3 and so on until no fault
 * fires. In the order of a seed, so that a short run is a sample of the long one.
 */
final class FaultSoak {
    /** A sample that hangs is a failure. */
    private static final Duration SAMPLE_BOUND = Duration.ofMinutes(10);

    /** An operation that a fault delays shares its time with the server's other work, whose calls never end. */
    private static final int MAX_CALLS_MORE = 100;

    private static final long NANOS_BETWEEN_REPORTS = Duration.ofSeconds(30).toNanos();

    private static final Fault NO_FAULT = new Fault(FaultKind.EIO_ONCE, Integer.MAX_VALUE);

    private final Duration duration;
    private final long seed;
    private final Predicate<String> chosen;
    private final String at;
    private final PrintStream out;

    private final Map<String, Coverage> coverage = new LinkedHashMap<>();
    private final Map<String, Integer> alarms = new LinkedHashMap<>();
    private int rounds;
    /** How many rounds with a fault are allowed. */
    private int left = Integer.MAX_VALUE;

    private boolean sampled;
    private long lastReport = System.nanoTime();

    /** One operation with the faults that are still to be played. */
    private record Walk(String name, Deque<Fault> faults) {}

    /** What was covered of one operation. */
    private static final class Coverage {
        private int calls;
        private int known;
        private int played;
        private int alarmed;
        private final Set<FaultKind> fired = EnumSet.noneOf(FaultKind.class);

        @Override
        public String toString() {
            return calls + " calls, " + played + " of " + known + " faults, " + alarmed + " rounds with alarms, kinds "
                    + fired;
        }
    }

    private FaultSoak(Duration duration, long seed, Predicate<String> chosen, String at, PrintStream out) {
        this.duration = duration;
        this.seed = seed;
        this.chosen = chosen;
        this.at = at;
        this.out = out;
    }

    static Verdict run(Soak.Settings settings) throws Exception {
        var soak =
                new FaultSoak(settings.duration(), settings.seed(), settings::isChosen, settings.at(), settings.out());
        return soak.run(List.of("WAL", "DELETE"));
    }

    /**
     * A part of the soak that always is the same size: each operation without a fault, then the given number of rounds
     * in turns, and among them every kind of fault.
     */
    static Verdict sample(String journalMode, long seed, int faults, Predicate<String> chosen, PrintStream out)
            throws Exception {
        var soak = new FaultSoak(SAMPLE_BOUND, seed, chosen, "", out);
        soak.left = faults;
        soak.sampled = true;
        return soak.run(List.of(journalMode));
    }

    /** Each journal mode has an equal part of the time. */
    private Verdict run(List<String> journalModes) throws Exception {
        List<String> concerned = journalModes.stream()
                .filter(mode -> Scenario.NAMES.stream().anyMatch(it -> chosen.test(it + " (" + mode + ")")))
                .toList();
        for (String journalMode : concerned) {
            play(journalMode, duration.toNanos() / concerned.size());
        }
        coverage.forEach((name, covered) -> out.println("  " + name + ": " + covered));
        alarms.forEach((alarm, times) -> out.println("alarm (" + times + "): " + alarm));
        return new Verdict(rounds, alarms.size());
    }

    /** The server with its operations, made again when a round leaves it unusable. */
    private static final class Stage implements AutoCloseable {
        private final Installation place;
        private final Map<String, Scenario> scenarios;

        Stage(String journalMode) throws Exception {
            place = Installation.create(journalMode);
            scenarios = Scenario.all(place).stream().collect(Collectors.toMap(Scenario::toString, it -> it));
        }

        Scenario scenario(String name) {
            return requireNonNull(scenarios.get(name));
        }

        @Override
        public void close() {
            place.close();
        }
    }

    private void play(String journalMode, long nanos) throws Exception {
        var random = new Random(seed);
        var disk = new Disk();
        Stage stage = new Stage(journalMode);
        try {
            // A first start prepares later ones, which is no part of the soak.
            long until = System.nanoTime() + nanos;
            List<Walk> walks = new ArrayList<>();
            for (String name : Scenario.NAMES) {
                String shown = name + " (" + journalMode + ")";
                if (chosen.test(shown) && System.nanoTime() < until) {
                    // The first round only counts, and is a round without a fault.
                    Round.Result result = play(stage, disk, shown, NO_FAULT);
                    walks.add(new Walk(shown, faults(result.calls(), random)));
                    coverage(shown).calls = result.calls().size();
                    coverage(shown).known = walks.getLast().faults().size();
                    stage = usable(stage, journalMode, result);
                }
            }
            while (left > 0 && System.nanoTime() < until && !walks.isEmpty()) {
                walks.removeIf(it -> it.faults().isEmpty());
                for (Walk walk : walks) {
                    if (left-- <= 0 || System.nanoTime() >= until) {
                        break;
                    }
                    Fault fault = next(walk.faults());
                    Round.Result result = play(stage, disk, walk.name(), fault);
                    coverage(walk.name()).played++;
                    if (result.fired()) {
                        coverage(walk.name()).fired.add(fault.kind());
                        if (isLast(fault, walk.faults())
                                && fault.number() < coverage(walk.name()).calls + MAX_CALLS_MORE) {
                            walk.faults().addLast(new Fault(fault.kind(), fault.number() + 1));
                            coverage(walk.name()).known++;
                        }
                    }
                    stage = usable(stage, journalMode, result);
                }
            }
        } finally {
            stage.close();
        }
    }

    private static Stage usable(Stage stage, String journalMode, Round.Result result) throws Exception {
        if (!result.broken()) {
            return stage;
        }
        stage.close();
        return new Stage(journalMode);
    }

    private Round.Result play(Stage stage, Disk disk, String name, Fault fault) {
        Scenario scenario = stage.scenario(name);
        Round.Result result = Round.play(scenario, disk, fault, fault.equals(NO_FAULT) ? "" : at);
        report(scenario, fault.equals(NO_FAULT) ? "no fault" : fault.toString(), result);
        return result;
    }

    /** Of a sample the next one of the kind whose turn it is. */
    private Fault next(Deque<Fault> faults) {
        if (!sampled) {
            return faults.remove();
        }
        FaultKind turn = List.of(FaultKind.values()).get(left % FaultKind.values().length);
        Fault next = faults.stream().filter(it -> it.kind() == turn).findFirst().orElse(faults.getFirst());
        faults.remove(next);
        return next;
    }

    private Coverage coverage(String name) {
        return coverage.computeIfAbsent(name, _ -> new Coverage());
    }

    /** The walk goes on behind the last call that was counted: with a fault there may be more calls. */
    private static boolean isLast(Fault fault, Deque<Fault> left) {
        return left.stream().noneMatch(it -> it.kind() == fault.kind() && it.number() > fault.number());
    }

    /**
     * First, in random order, one fault of each kind for each file and call; then the kinds that can stop anything at all
     * other calls, one kind after the other.
     */
    private Deque<Fault> faults(List<RecordedCall> calls, Random random) {
        List<Fault> first = new ArrayList<>();
        var all = new ArrayDeque<Fault>();
        for (FaultKind kind : FaultKind.values()) {
            List<Fault> others = new ArrayList<>();
            Set<String> seen = new HashSet<>();
            int number = 0;
            for (RecordedCall call : calls) {
                if (kind.calls().contains(call.call()) && call.concerns(at)) {
                    number++;
                    if (seen.add(shortened(call.toString()))) {
                        first.add(new Fault(kind, number));
                    } else if (FaultKind.AT_EACH_CALL.contains(kind)) {
                        others.add(new Fault(kind, number));
                    }
                }
            }
            others.add(new Fault(kind, number + 1));
            Collections.shuffle(others, random);
            all.addAll(others);
        }
        Collections.shuffle(first, random);
        first.forEach(all::addFirst);
        return all;
    }

    private void report(Scenario scenario, String fault, Round.Result result) {
        rounds++;
        if (System.nanoTime() - lastReport > NANOS_BETWEEN_REPORTS) {
            lastReport = System.nanoTime();
            out.println("  " + rounds + " rounds, " + alarms.size() + " alarms, now " + scenario);
        }
        if (result.alarms().isEmpty()) {
            return;
        }
        coverage(scenario.toString()).alarmed++;
        String at = result.firstFaulty().map(it -> ": " + it).orElse("");
        for (String alarm : result.alarms()) {
            out.println("! " + scenario + ", " + fault + shortened(at) + ": " + alarm);
            alarms.merge(scenario + ": " + shortened(alarm), 1, Integer::sum);
        }
    }

    /** Without what differs from round to round. */
    private static String shortened(String text) {
        return text.replaceAll("/[a-z/]*/hf-soak\\d+/f/", "")
                .replaceAll("\\bL\\d+", "L")
                .replaceAll("\\d{4,}", "N");
    }
}
