package dev.holdfast.endtoend.soak.stores;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What was found wrong, each finding with the events of its round. Thread-safe. */
final class Findings {
    private static final int MAX_EVENTS = 600;
    /** Findings of one kind in one round; the history has all. */
    private static final int MAX_PRINTED = 3;

    private final PrintStream out;
    private final long seed;
    private final Map<String, Integer> kinds = new LinkedHashMap<>();
    private final Deque<String> events = new ArrayDeque<>();
    private String round = "before the first round";
    private long began = System.nanoTime();
    private boolean found;
    private final Map<String, Integer> inRound = new LinkedHashMap<>();

    Findings(PrintStream out, long seed) {
        this.out = out;
        this.seed = seed;
    }

    synchronized void begin(int number, String disturbance) {
        round = "round " + number + " (" + disturbance + ")";
        began = System.nanoTime();
        events.clear();
        inRound.clear();
        found = false;
    }

    /** Adds an event to the round's history. */
    synchronized void note(String event) {
        if (events.size() == MAX_EVENTS) {
            events.removeFirst();
        }
        events.addLast(String.format(Locale.ROOT, "%8.3f s  %s", (System.nanoTime() - began) / 1e9, event));
    }

    /** @param invariant the promise that is broken, the same text for each finding of the kind */
    synchronized void report(String invariant, String finding) {
        found = true;
        kinds.merge(invariant, 1, Integer::sum);
        note("! " + invariant + ": " + finding);
        if (inRound.merge(invariant, 1, Integer::sum) <= MAX_PRINTED) {
            out.println("! " + round + ", seed " + seed + ": " + invariant + ": " + finding);
        }
    }

    /** Prints the history of a round that had findings. */
    synchronized void end() {
        if (found) {
            out.println("  the events of " + round + ", seed " + seed + ":");
            events.forEach(it -> out.println("    " + it));
        }
    }

    synchronized boolean isInRound() {
        return found;
    }

    /** Prints what was found, and how often. */
    synchronized void summarise() {
        kinds.forEach((invariant, times) -> out.println("alarm (" + times + "): " + invariant));
    }

    /** The number of different broken promises. */
    synchronized int distinct() {
        return kinds.size();
    }
}
