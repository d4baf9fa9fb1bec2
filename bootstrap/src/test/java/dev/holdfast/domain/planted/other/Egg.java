package dev.holdfast.domain.planted.other;

import dev.holdfast.domain.planted.one.Chicken;

/** The other half of a cycle. */
public record Egg(Chicken chicken) {}
