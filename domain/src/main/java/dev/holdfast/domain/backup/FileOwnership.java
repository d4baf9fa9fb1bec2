package dev.holdfast.domain.backup;

/**
 * The owner, group and permissions of a file.
 *
 * @param uid number of the owner, at least 0
 * @param gid number of the group, at least 0
 * @param mode the nine permission bits, 0 to 0777
 */
public record FileOwnership(int uid, int gid, int mode) {
    public FileOwnership {
        if (uid < 0 || gid < 0 || mode < 0 || mode > 0777) {
            throw new IllegalArgumentException("ownership: " + uid + ":" + gid + " " + Integer.toOctalString(mode)
                    + " (expected: numbers of at least 0, and a mode of 0 to 0777)");
        }
    }
}
