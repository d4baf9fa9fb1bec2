package dev.holdfast.files.archive.member;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The files of a source's directories that an archive does not hold, by the bytes of their names: {@code storage/} and
 * the path below it, as a URI writes it, whatever the server's locale is.
 */
public final class LeftOutNames {
    /** Each takes some hundred bytes of memory, and of the manifest. */
    static final int MAX_NAMES = 100_000;

    private final Set<String> names = new LinkedHashSet<>();
    private boolean complete = true;

    /** Names that are not all: whatever a backup lacks may be one of them. */
    static LeftOutNames unknown() {
        var unknown = new LeftOutNames();
        unknown.complete = false;
        return unknown;
    }

    public void add(String name) {
        if (names.size() < MAX_NAMES) {
            names.add(name);
        } else {
            complete = false;
        }
    }

    boolean isComplete() {
        return complete;
    }

    Set<String> names() {
        return Collections.unmodifiableSet(names);
    }

    public boolean contains(Path real, Path file) {
        return !complete || (!names.isEmpty() && names.contains(encoded(real, file)));
    }

    /** Those of one directory, by their paths below it. */
    public LeftOutNames below(String directory) {
        var below = new LeftOutNames();
        // That the directory as a whole could not be read leaves nothing known of it.
        below.complete = complete && !names.contains(directory);
        String above = directory + "/";
        names.stream().filter(it -> it.startsWith(above)).forEach(it -> below.names.add(it.substring(above.length())));
        return below;
    }

    /** @param real of the directory that the source names; what it is called may differ from where it is */
    public static String encoded(Path real, Path file) {
        String above = withoutSlash(real.toUri().getRawPath());
        return withoutSlash(file.toUri().getRawPath()).substring(above.length() + 1);
    }

    private static String withoutSlash(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
