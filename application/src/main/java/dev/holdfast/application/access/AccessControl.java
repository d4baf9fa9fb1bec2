package dev.holdfast.application.access;

/**
 * Whether callers have to show who they are.
 *
 * @param enabled false opens everything to every caller, for a server that listens on loopback only
 * @param trustsProvider whether an identity provider's tokens are accepted too
 */
public record AccessControl(boolean enabled, boolean trustsProvider) {}
