package dev.holdfast.bootstrap;

/** Why the server does not start, as one line for whoever started it. */
public final class StartRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartRefused(String message) {
        super(message);
    }
}
