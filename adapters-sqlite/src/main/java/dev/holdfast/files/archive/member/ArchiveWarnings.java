package dev.holdfast.files.archive.member;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What is to be known of an archive that does not hold everything just as it was. Keeps the first thousand. */
public final class ArchiveWarnings {
    private static final int MOST = 1000;
    private static final int SHOWN = 5;

    private final List<String> kept = new ArrayList<>();
    private long count;

    public void add(String note) {
        if (count++ < MOST) {
            kept.add(note);
        }
    }

    List<String> kept() {
        return Collections.unmodifiableList(kept);
    }

    long count() {
        return count;
    }

    /** The first few, in one line. */
    public Optional<String> remark() {
        if (count == 0) {
            return Optional.empty();
        }
        String shown = String.join("; ", kept.subList(0, (int) Math.min(SHOWN, count)));
        return Optional.of(count > SHOWN ? shown + "; and " + (count - SHOWN) + " more" : shown);
    }
}
