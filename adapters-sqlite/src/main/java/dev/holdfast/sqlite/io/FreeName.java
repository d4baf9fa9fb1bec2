package dev.holdfast.sqlite.io;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** A name next to a file that no other file has. */
public final class FreeName {
    private FreeName() {}

    /** Returns {@code wanted}, or with a number behind it if something has that name, as after an attempt that was killed. */
    public static Path like(Path wanted) {
        Path name = wanted;
        for (int number = 2; Files.exists(name, LinkOption.NOFOLLOW_LINKS); number++) {
            name = wanted.resolveSibling(wanted.getFileName() + "-" + number);
        }
        return name;
    }
}
