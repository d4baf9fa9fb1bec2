package dev.holdfast.sqlite;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * One state for each file of a database.
 *
 * @param states of all five files
 */
record LeftoverCombination(Map<LeftoverPart, LeftoverState> states) {
    private static final LeftoverPart[] PARTS = LeftoverPart.values();
    private static final LeftoverState[] STATES = LeftoverState.values();

    LeftoverCombination {
        states = new EnumMap<>(states);
    }

    private static Map<LeftoverPart, LeftoverState> asItWas() {
        Map<LeftoverPart, LeftoverState> states = new EnumMap<>(LeftoverPart.class);
        for (LeftoverPart part : PARTS) {
            states.put(part, LeftoverState.AS_IT_WAS);
        }
        return states;
    }

    /** All in which at most two files deviate: 681. */
    static List<LeftoverCombination> withAtMostTwoDeviations() {
        List<LeftoverCombination> all = new ArrayList<>(List.of(new LeftoverCombination(asItWas())));
        for (int first = 0; first < PARTS.length; first++) {
            for (int i = 1; i < STATES.length; i++) {
                Map<LeftoverPart, LeftoverState> one = asItWas();
                one.put(PARTS[first], STATES[i]);
                all.add(new LeftoverCombination(one));
                for (int second = first + 1; second < PARTS.length; second++) {
                    for (int j = 1; j < STATES.length; j++) {
                        Map<LeftoverPart, LeftoverState> two = new EnumMap<>(one);
                        two.put(PARTS[second], STATES[j]);
                        all.add(new LeftoverCombination(two));
                    }
                }
            }
        }
        return all;
    }

    /** One in which at least three files deviate. */
    static LeftoverCombination random(Random random) {
        while (true) {
            Map<LeftoverPart, LeftoverState> states = asItWas();
            for (LeftoverPart part : PARTS) {
                states.put(part, STATES[random.nextInt(STATES.length)]);
            }
            LeftoverCombination combination = new LeftoverCombination(states);
            if (combination.deviations() >= 3) {
                return combination;
            }
        }
    }

    private long deviations() {
        return states.values().stream()
                .filter(it -> it != LeftoverState.AS_IT_WAS)
                .count();
    }

    LeftoverState of(LeftoverPart part) {
        return requireNonNull(states.get(part));
    }

    boolean has(LeftoverState state) {
        return states.containsValue(state);
    }

    /** The files that deviate, with their states. */
    @Override
    public String toString() {
        return states.entrySet().stream()
                .filter(it -> it.getValue() != LeftoverState.AS_IT_WAS)
                .map(it -> it.getKey() + " " + it.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
    }
}
