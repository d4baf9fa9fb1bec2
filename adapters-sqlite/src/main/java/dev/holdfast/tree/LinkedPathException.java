package dev.holdfast.tree;

import java.nio.file.FileSystemException;

/** A part of a path without links is a link now, or no directory any more. */
public final class LinkedPathException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    LinkedPathException(String path) {
        super(path, null, "a part of the path is a link, or no directory any more");
    }
}
