package dev.holdfast.application.plan;

import dev.holdfast.domain.database.DatabaseName;
import java.time.Instant;

/**
 * Who changed what, and when.
 *
 * @param who a user's or token's name, or {@code anonymous}
 * @param action such as {@code plan.change} or {@code token.impersonate}
 * @param detail for a person; no secret
 */
public record AuditEntry(Instant at, String who, String action, DatabaseName database, String detail) {}
