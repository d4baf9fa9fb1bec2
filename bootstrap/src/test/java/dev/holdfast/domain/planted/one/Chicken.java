package dev.holdfast.domain.planted.one;

import dev.holdfast.domain.planted.other.Egg;

/** One half of a cycle. */
public record Chicken(Egg egg) {}
