package dev.holdfast.domain.planted.one;

/** Has the name of another type. */
final class Namesake {}
