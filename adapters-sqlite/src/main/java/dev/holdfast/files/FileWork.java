package dev.holdfast.files;

import java.io.IOException;

/** Something done to files. */
@FunctionalInterface
interface FileWork<T> {
    T run() throws IOException;
}
