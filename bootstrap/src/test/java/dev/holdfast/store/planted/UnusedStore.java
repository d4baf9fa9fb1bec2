package dev.holdfast.store.planted;

/** Public for no reason. */
public final class UnusedStore {}
