package dev.holdfast.dialects.jobops.settings;

import java.util.Optional;
import java.util.stream.Stream;

/** The settings of JobOps that are about backups. A switch counts as 0 or 1. */
enum SettingKey {
    ENABLED("backupEnabled", 0, 1, 0),
    HOUR("backupHour", 0, 23, 2),
    MAX_COUNT("backupMaxCount", 1, 5, 5);

    private final String id;
    private final int least;
    private final int most;
    private final int usual;

    SettingKey(String id, int least, int most, int usual) {
        this.id = id;
        this.least = least;
        this.most = most;
        this.usual = usual;
    }

    String id() {
        return id;
    }

    int least() {
        return least;
    }

    int most() {
        return most;
    }

    /** Where nobody has set it. */
    int usual() {
        return usual;
    }

    boolean isSwitch() {
        return this == ENABLED;
    }

    int clamped(int value) {
        return Math.clamp(value, least, most);
    }

    static Optional<SettingKey> of(String id) {
        return Stream.of(values()).filter(it -> it.id.equals(id)).findAny();
    }
}
