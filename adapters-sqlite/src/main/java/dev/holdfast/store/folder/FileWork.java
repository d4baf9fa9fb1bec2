package dev.holdfast.store.folder;

import java.io.IOException;

/** Something done to files. */
@FunctionalInterface
public interface FileWork<T> {
    T run() throws IOException;
}
