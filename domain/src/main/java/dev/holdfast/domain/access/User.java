package dev.holdfast.domain.access;

import java.time.Instant;

/** Somebody who signs in with a password. */
public record User(AccountName name, Role role, Instant createdAt) {}
