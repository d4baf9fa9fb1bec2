package dev.holdfast.domain.profile;

import dev.holdfast.domain.backup.Layout;
import java.util.List;
import java.util.Locale;

/** Whose habits a database's backups follow: their names, what an artifact is, which of them retention may expire. */
public enum Profile {
    NATIVE,
    POCKETBASE,
    JOBOPS,
    DISPATCHARR;

    /** What a new backup is, unless somebody asks for another one of the {@link #layouts}. */
    public Layout layout() {
        return layouts().getFirst();
    }

    /** What this profile's backups can be, the usual one first. */
    public List<Layout> layouts() {
        return switch (this) {
            case NATIVE, JOBOPS -> List.of(Layout.SQLITE);
            case POCKETBASE -> List.of(Layout.POCKETBASE_ZIP);
            case DISPATCHARR -> List.of(Layout.DISPATCHARR_ZIP, Layout.DISPATCHARR_TAR_GZ);
        };
    }

    /** As settings and APIs write it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
