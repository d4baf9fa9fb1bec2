package dev.holdfast.http.request;

/**
 * Stands behind the last bytes of a connection that are passed on.
 *
 * @param reason for the client and the log
 * @param isInBody whether the request before it has begun and will not end
 */
record AmbiguousMessage(String reason, boolean isInBody) {}
