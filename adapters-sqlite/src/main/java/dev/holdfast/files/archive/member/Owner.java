package dev.holdfast.files.archive.member;

import org.jspecify.annotations.Nullable;

/** Whose a file is, by numbers: names may mean somebody else on another machine. */
public record Owner(int uid, int gid) {
    /** Null if these are no numbers that a file can have here. */
    static @Nullable public Owner of(long uid, long gid) {
        return uid >= 0 && uid < Integer.MAX_VALUE && gid >= 0 && gid < Integer.MAX_VALUE
                ? new Owner((int) uid, (int) gid)
                : null;
    }
}
