package dev.holdfast.application.operation;

/** Unwinds work that somebody has cancelled. Whoever sees it pass leaves nothing behind. */
public final class CancelledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CancelledException() {
        super("cancelled", null, false, false);
    }
}
