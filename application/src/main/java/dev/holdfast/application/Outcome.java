package dev.holdfast.application;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.util.function.Function;
import java.util.function.Supplier;

/** What a use case answers: what was asked for, or why not. */
public sealed interface Outcome<T> {
    record Done<T>(T value) implements Outcome<T> {}

    record Refused<T>(Problem problem) implements Outcome<T> {}

    static <T> Outcome<T> done(T value) {
        return new Done<>(value);
    }

    static <T> Outcome<T> refused(Problem problem) {
        return new Refused<>(problem);
    }

    /** Takes what adapters throw out of their depth back to a value. The one place at which a use case does so. */
    static <T> Outcome<T> attempt(Supplier<Outcome<T>> steps) {
        try {
            return steps.get();
        } catch (ProblemException e) {
            return refused(e.problem());
        }
    }

    /** Goes on with the value, if there is one. */
    default <R> Outcome<R> then(Function<? super T, Outcome<R>> next) {
        return switch (this) {
            case Done<T>(T value) -> next.apply(value);
            case Refused<T>(Problem problem) -> new Refused<>(problem);
        };
    }
}
