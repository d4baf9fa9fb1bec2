package dev.holdfast.endtoend.soak;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectUniqueId;

import dev.holdfast.endtoend.soak.Soak.Verdict;
import dev.holdfast.testkit.TestScale;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Timer;
import java.util.TimerTask;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Tests of {@code ./check} on the scale of a soak, one after the other in the order of a seed, again and again until the
 * time is over. A program of its own, so that a test that runs then ends with it.
 */
final class TestSoak {
    private final Duration duration;
    private final Random random;
    private final String only;
    private final List<Class<?>> classes;
    private final PrintStream out;
    private final AtomicInteger rounds = new AtomicInteger();
    /** How often each test was played, from the beginning to its end. */
    private final Map<String, Integer> played = Collections.synchronizedMap(new TreeMap<>());

    private final AtomicInteger failures = new AtomicInteger();

    private TestSoak(Duration duration, long seed, String only, List<Class<?>> classes, PrintStream out) {
        this.duration = duration;
        this.random = new Random(seed);
        this.only = only;
        this.classes = classes;
        this.out = out;
    }

    /** @param classes their names: some are in the tests of another module */
    static Verdict run(Soak.Settings settings, String... classes) throws Exception {
        Path folder = Files.createTempDirectory("hf-soak");
        try {
            List<String> options = List.of("-D" + TestScale.SOAK + "=true", "-Djava.io.tmpdir=" + folder);
            return Soak.program(options, TestSoak.class.getName(), settings, List.of(classes));
        } finally {
            Installation.delete(folder);
        }
    }

    /** Arguments: {@code --seconds N --seed S [--only TEXT] CLASS…} */
    public static void main(String[] arguments) throws Exception {
        long seconds = 0;
        long seed = 0;
        String only = "";
        List<Class<?>> classes = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--seconds" -> seconds = Long.parseLong(arguments[++i]);
                case "--seed" -> seed = Long.parseLong(arguments[++i]);
                case "--only" -> only = arguments[++i];
                default -> classes.add(Class.forName(arguments[i]));
            }
        }
        // Servers and writers of a test that is cut off.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly)));
        var soak = new TestSoak(Duration.ofSeconds(seconds), seed, only, classes, System.out);
        soak.run();
    }

    private void run() {
        long end = System.nanoTime() + duration.toNanos();
        new Timer(true)
                .schedule(
                        new TimerTask() {
                            @Override
                            public void run() {
                                end();
                            }
                        },
                        duration.toMillis());
        Launcher launcher = LauncherFactory.create();
        List<TestIdentifier> tests = tests(launcher);
        tests.forEach(it -> played.put(it.getDisplayName(), 0));
        while (System.nanoTime() < end && !tests.isEmpty()) {
            Collections.shuffle(tests, random);
            for (TestIdentifier test : tests) {
                if (System.nanoTime() >= end) {
                    break;
                }
                launcher.execute(request(test), new Counting());
                played.merge(test.getDisplayName(), 1, Integer::sum);
            }
        }
        end();
    }

    private synchronized void end() {
        synchronized (played) {
            played.forEach((test, times) -> out.println("  " + times + " x " + test));
        }
        out.println("  " + rounds + " rounds, " + failures + " failures");
        System.exit(failures.get() == 0 ? 0 : 1);
    }

    private static LauncherDiscoveryRequest request(TestIdentifier test) {
        return LauncherDiscoveryRequestBuilder.request()
                .selectors(selectUniqueId(test.getUniqueId()))
                .build();
    }

    /** The test methods, one entry for all rows of a parameterized one. */
    private List<TestIdentifier> tests(Launcher launcher) {
        TestPlan plan = launcher.discover(LauncherDiscoveryRequestBuilder.request()
                .selectors(classes.stream().map(it -> selectClass(it)).toList())
                .build());
        List<TestIdentifier> tests = new ArrayList<>();
        plan.getRoots().stream()
                .flatMap(it -> plan.getChildren(it).stream())
                .flatMap(it -> plan.getChildren(it).stream())
                .filter(it -> it.getDisplayName().contains(only))
                .forEach(tests::add);
        return tests;
    }

    private final class Counting implements TestExecutionListener {
        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest()) {
                rounds.incrementAndGet();
            }
            if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                failures.incrementAndGet();
                out.println("! " + test.getUniqueId());
                result.getThrowable()
                        .ifPresent(it -> Stream.concat(
                                        Stream.of(it.toString()),
                                        Stream.of(it.getStackTrace()).limit(20).map(frame -> "    at " + frame))
                                .forEach(out::println));
            }
        }
    }
}
