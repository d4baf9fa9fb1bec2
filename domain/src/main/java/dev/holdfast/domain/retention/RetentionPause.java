package dev.holdfast.domain.retention;

import java.time.Instant;

/**
 * A pause of a database's retention: no backup of it expires.
 *
 * @param since the moment of the first suspicious backup
 * @param reason the doubt about that backup, in a sentence for a person
 */
public record RetentionPause(Instant since, String reason) {}
