package dev.holdfast.bootstrap.start;

/** Why the server does not start, as one line for whoever started it. */
public final class StartupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StartupException(String message) {
        super(message);
    }
}
