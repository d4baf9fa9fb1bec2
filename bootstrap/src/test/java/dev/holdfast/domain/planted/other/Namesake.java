package dev.holdfast.domain.planted.other;

/** Has the name of another type. */
final class Namesake {}
