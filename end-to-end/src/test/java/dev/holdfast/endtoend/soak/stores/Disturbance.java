package dev.holdfast.endtoend.soak.stores;

/** What happens to the disks and the server in one round. */
enum Disturbance {
    NOTHING("nothing"),
    EXCHANGED("the disks are exchanged while the server runs"),
    EXCHANGED_WHILE_STOPPED("the disks are exchanged while the server is stopped"),
    UNMOUNTED("a disk is unmounted while the server runs"),
    STARTED_BEFORE_MOUNT("the server starts before the mount"),
    OLDER_COPY("an older copy of the disk is mounted"),
    OLDER_COPY_AT_START("the server starts with an older copy of the disk"),
    FROZEN("a store freezes"),
    BOTH_FROZEN("both stores freeze"),
    FROZEN_AT_START("the server starts while a store is frozen"),
    DETACHED("a disk is detached in the middle of an operation"),
    KILLED("the server is killed in the middle of an operation"),
    DEAD("the file system's process dies");

    private final String title;

    Disturbance(String title) {
        this.title = title;
    }

    @Override
    public String toString() {
        return title;
    }
}
