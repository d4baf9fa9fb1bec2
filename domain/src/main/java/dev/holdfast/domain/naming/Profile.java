package dev.holdfast.domain.naming;

import dev.holdfast.domain.backup.Layout;
import java.util.Locale;

/** Whose habits a database's backups follow: their names, what an artifact is, which of them retention may expire. */
public enum Profile {
    NATIVE(Layout.SQLITE),
    POCKETBASE(Layout.POCKETBASE_ZIP),
    JOBOPS(Layout.SQLITE),
    DISPATCHARR(Layout.DISPATCHARR_ZIP);

    private final Layout layout;

    Profile(Layout layout) {
        this.layout = layout;
    }

    /** What a new backup is, unless the caller asks for another layout that the profile knows. */
    public Layout layout() {
        return layout;
    }

    /** As settings and APIs write it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
