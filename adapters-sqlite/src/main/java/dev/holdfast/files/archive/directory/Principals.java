package dev.holdfast.files.archive.directory;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashMap;
import java.util.Map;

/** Users and groups by their numbers, which the file system takes where it knows no such name. */
final class Principals {
    private static final int MOST = 1000;

    private final FileSystem files;
    private final Map<Integer, UserPrincipal> users = new HashMap<>();
    private final Map<Integer, GroupPrincipal> groups = new HashMap<>();

    Principals(FileSystem files) {
        this.files = files;
    }

    UserPrincipal user(int uid) throws IOException {
        UserPrincipal known = users.get(uid);
        if (known == null) {
            known = files.getUserPrincipalLookupService().lookupPrincipalByName(Integer.toString(uid));
            keep(users, uid, known);
        }
        return known;
    }

    GroupPrincipal group(int gid) throws IOException {
        GroupPrincipal known = groups.get(gid);
        if (known == null) {
            known = files.getUserPrincipalLookupService().lookupPrincipalByGroupName(Integer.toString(gid));
            keep(groups, gid, known);
        }
        return known;
    }

    private static <T> void keep(Map<Integer, T> kept, int id, T found) {
        if (kept.size() == MOST) {
            kept.clear();
        }
        kept.put(id, found);
    }
}
