package dev.holdfast.endtoend.soak;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The calls that the fault kit counts, numbered as in {@code faults.c}. */
enum SystemCall {
    WRITE(0),
    PWRITE(1),
    COPY_FILE_RANGE(2),
    SENDFILE(3),
    FALLOCATE(4),
    FSYNC(5),
    FDATASYNC(6),
    FTRUNCATE(7),
    CREATE(8),
    RENAME(9),
    RENAMEAT2(10),
    LINK(11),
    UNLINK(12),
    MKDIR(13),
    RMDIR(14),
    OPEN(15),
    READ(16);

    /** Those that move bytes, so they can be short. */
    static final Set<SystemCall> MOVING = EnumSet.of(WRITE, PWRITE, COPY_FILE_RANGE, SENDFILE);

    static final Set<SystemCall> SYNCING = EnumSet.of(FSYNC, FDATASYNC);

    /** Those that a full disk makes fail. */
    static final Set<SystemCall> TAKING_SPACE =
            EnumSet.of(WRITE, PWRITE, COPY_FILE_RANGE, SENDFILE, FALLOCATE, CREATE, RENAME, RENAMEAT2, LINK, MKDIR);

    /** Those that change something. */
    static final Set<SystemCall> ALL = EnumSet.range(WRITE, RMDIR);

    static final Set<SystemCall> ALSO_READING = EnumSet.allOf(SystemCall.class);

    private final int number;

    SystemCall(int number) {
        this.number = number;
    }

    static SystemCall of(int number) {
        return Arrays.stream(values())
                .filter(it -> it.number == number)
                .findFirst()
                .orElseThrow();
    }

    int bit() {
        return 1 << number;
    }

    static int bits(Set<SystemCall> calls) {
        return calls.stream().mapToInt(SystemCall::bit).reduce(0, (a, b) -> a | b);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
