package dev.holdfast.endtoend.soak;

import static dev.holdfast.endtoend.soak.SystemCall.ALL;
import static dev.holdfast.endtoend.soak.SystemCall.MOVING;
import static dev.holdfast.endtoend.soak.SystemCall.SYNCING;
import static dev.holdfast.endtoend.soak.SystemCall.TAKING_SPACE;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** What happens to a call that the fault kit chooses. */
enum FaultKind {
    EIO_ONCE(Effect.FAIL, ALL, 5, false, "fails once with EIO"),
    EIO_PERMANENTLY(Effect.FAIL, ALL, 5, true, "and all that follow fail with EIO"),
    SYNCS_PERMANENTLY(Effect.FAIL, SYNCING, 5, true, "and all that follow fail with EIO"),
    FULL_PERMANENTLY(Effect.FAIL, TAKING_SPACE, 28, true, "and all that follow fail with ENOSPC"),
    FULL_ONCE(Effect.FAIL, TAKING_SPACE, 28, false, "fails once with ENOSPC"),
    QUOTA_PERMANENTLY(Effect.FAIL, TAKING_SPACE, 122, true, "and all that follow fail with EDQUOT"),
    READ_ONLY_PERMANENTLY(Effect.FAIL, ALL, 30, true, "and all that follow fail with EROFS"),
    SHORT_ONCE(Effect.SHORT, MOVING, 0, false, "is short"),
    SHORT_PERMANENTLY(Effect.SHORT, MOVING, 0, true, "and all that follow are short"),
    LATE_ONCE(Effect.LATE, ALL, 0, false, "is late"),
    SYNC_LOST(Effect.LOST, EnumSet.of(SystemCall.FSYNC, SystemCall.FDATASYNC), 0, false, "is lost"),
    WRITE_LOST(Effect.LOST, MOVING, 0, false, "is lost");

    /** Numbered as in {@code faults.c}. */
    enum Effect {
        NONE(0),
        FAIL(1),
        SHORT(2),
        LATE(3),
        LOST(4),
        KILL(5),
        STOP(6);

        private final int number;

        Effect(int number) {
            this.number = number;
        }

        static Effect of(int number) {
            return Arrays.stream(values())
                    .filter(it -> it.number == number)
                    .findFirst()
                    .orElseThrow();
        }

        int number() {
            return number;
        }
    }

    /** The kinds that are played at each call; of the others, one call of each file and sort has to do. */
    static final Set<FaultKind> AT_EACH_CALL = EnumSet.of(EIO_ONCE, EIO_PERMANENTLY);

    private final Effect effect;

    @SuppressWarnings("ImmutableEnumChecker") // nothing changes them
    private final Set<SystemCall> calls;

    private final int error;
    private final boolean permanent;
    private final String description;

    FaultKind(Effect effect, Set<SystemCall> calls, int error, boolean permanent, String description) {
        this.effect = effect;
        this.calls = calls;
        this.error = error;
        this.permanent = permanent;
        this.description = description;
    }

    Effect effect() {
        return effect;
    }

    Set<SystemCall> calls() {
        return calls;
    }

    int error() {
        return error;
    }

    boolean permanent() {
        return permanent;
    }

    boolean isFullDisk() {
        return error == 28 || error == 122;
    }

    /** Whether the call claims what it did not do, so nothing but a later look can find out. */
    boolean isLie() {
        return effect == Effect.LOST;
    }

    String description() {
        return description;
    }
}
