package dev.holdfast.http.request;

/** Bytes that two readers could take for different messages; the text says why. */
final class AmbiguousMessageException extends Exception {
    private static final long serialVersionUID = 1L;

    AmbiguousMessageException(String reason) {
        super(reason, null, false, false);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
