package dev.holdfast.bootstrap.start;

import dev.holdfast.application.operation.FailPoints;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends the process on the spot, as {@code kill -9} would, when a named step is reached: for trying out what a crash
 * leaves behind. Asked for with the environment variable {@code HOLDFAST_FAIL_AT}, as {@code STEP} or {@code STEP:N} for
 * the Nth time it is reached. {@code docs/internals/restore.md#kills-during-a-restore} and
 * {@code docs/internals/store-layout.md#kills-during-a-backup} list the steps.
 */
public final class FailAt implements FailPoints {
    static final String VARIABLE = "HOLDFAST_FAIL_AT";

    private static final int AS_IF_KILLED = 137;

    private final String step;
    private final AtomicInteger left;

    private FailAt(String step, int times) {
        this.step = step;
        this.left = new AtomicInteger(times);
    }

    public static FailPoints from(Map<String, String> environment) {
        String step = environment.get(VARIABLE);
        if (step == null || step.isEmpty()) {
            return FailPoints.NONE;
        }
        String[] parts = step.split(":", 2);
        return new FailAt(parts[0], parts.length == 1 ? 1 : Integer.parseInt(parts[1]));
    }

    @Override
    public void reached(String reached) {
        if (reached.equals(step) && left.decrementAndGet() == 0) {
            Runtime.getRuntime().halt(AS_IF_KILLED);
        }
    }
}
