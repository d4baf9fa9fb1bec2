package dev.holdfast.http.upload;

import java.time.Duration;

/**
 * @param maxSize of an uploaded file, in bytes
 * @param silence how long nothing may come of a body that is waited for
 */
public record UploadLimits(long maxSize, Duration silence) {
    public static final long USUAL_SIZE = 10L << 30;
    public static final Duration USUAL_SILENCE = Duration.ofMinutes(2);
}
