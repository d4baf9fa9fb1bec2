package dev.holdfast.files.archive;

import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * One member, as the archive describes it.
 *
 * @param name checked, without a slash at its end
 * @param mode the nine bits; -1 if the archive does not say
 */
record Member(
        String name,
        boolean directory,
        long size,
        int mode,
        @Nullable FileTime modified) {}
