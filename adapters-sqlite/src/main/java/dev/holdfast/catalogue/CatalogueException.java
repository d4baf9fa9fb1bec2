package dev.holdfast.catalogue;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The catalogue cannot be used. The message names the file and says what is wrong, for the person who runs Holdfast. */
public final class CatalogueException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CatalogueException(Path file, String what) {
        this(file, what, null);
    }

    CatalogueException(Path file, String what, @Nullable Throwable cause) {
        super("catalogue " + file + ": " + what, cause);
    }
}
