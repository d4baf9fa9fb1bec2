package dev.holdfast.catalogue;

/** A row holds something that no version up to this one has written. */
final class UnreadableRowException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableRowException(String what, Throwable cause) {
        super(what, cause);
    }

    UnreadableRowException(String what) {
        super(what);
    }
}
