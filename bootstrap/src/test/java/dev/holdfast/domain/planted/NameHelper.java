package dev.holdfast.domain.planted;

/** Has a name that says nothing. */
final class NameHelper {}
