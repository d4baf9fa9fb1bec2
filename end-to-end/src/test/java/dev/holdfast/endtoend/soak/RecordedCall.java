package dev.holdfast.endtoend.soak;

import dev.holdfast.endtoend.soak.FaultKind.Effect;
import java.nio.file.Path;

/**
 * A call as the fault kit recorded it.
 *
 * @param error 0 if it succeeded
 * @param amount bytes; of a create 1 if the file was there before
 * @param number of the call among those that the fault concerns; 0 outside
 * @param other the second path of a rename or link; empty for other calls
 */
record RecordedCall(SystemCall call, Effect effect, int error, long amount, int number, Path path, String other) {
    boolean succeeded() {
        return error == 0;
    }

    boolean isFaulty() {
        return effect != Effect.NONE;
    }

    /** Whether the text is a part of one of the paths, as the kit chooses calls. */
    boolean concerns(String part) {
        return path.toString().contains(part) || other.contains(part);
    }

    @Override
    public String toString() {
        return call + " " + path + (other.isEmpty() ? "" : " -> " + other);
    }
}
