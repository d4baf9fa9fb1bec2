package dev.holdfast.sqlite;

/** What a crash, a file copy or an administrator makes of one file. */
enum LeftoverState {
    AS_IT_WAS,
    OLDER,
    NEWER,
    TRUNCATED,
    GARBAGE,
    EMPTY,
    MISSING,
    WRONG_TYPE,
    NO_RIGHTS
}
