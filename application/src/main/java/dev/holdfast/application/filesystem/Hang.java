package dev.holdfast.application.filesystem;

import dev.holdfast.domain.problem.Problem;
import java.time.Instant;

/**
 * A file system that does not answer.
 *
 * @param since when it was asked first without an answer
 * @param problem what calls to it fail with
 * @param text what does not answer, since when, and what to do, for a person
 */
public record Hang(Instant since, Problem problem, String text) {}
