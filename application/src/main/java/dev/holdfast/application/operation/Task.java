package dev.holdfast.application.operation;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.operation.Result;

/** What an operation does. Runs once, on one thread. */
@FunctionalInterface
public interface Task {
    /**
     * @throws CancelledException if the work was cancelled; nothing is left behind then
     * @throws dev.holdfast.domain.problem.ProblemException as a refusal would be
     */
    Outcome<Result> run(ProgressMonitor work) throws Exception;
}
