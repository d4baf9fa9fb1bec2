package dev.holdfast.sqlite;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.sqlite.GroupRestoreFixture.Group;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A process that dies in the middle of restores of groups, or prints the answer of one. */
final class GroupRestoreProcess {
    /** The exit status of a process that reached all of its steps. */
    static final int HALTED = 86;

    private GroupRestoreProcess() {}

    /**
     * Restores, or completes a restore, in each of several groups, and dies when all of them have reached their step. Each
     * stays in the middle of it until then, with everything open and locked.
     */
    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < arguments.length; i += 4) {
            Group group = new Group(Path.of(arguments[i]));
            String what = arguments[i + 1];
            var reached = new CountDownLatch(1);
            FailPoints stopping = stopping(arguments[i + 2], Integer.parseInt(arguments[i + 3]), reached);
            var running =
                    new FutureTask<Void>(() -> {
                        run(group, what, stopping);
                        return null;
                    }) {
                        @Override
                        protected void done() {
                            reached.countDown();
                        }
                    };
            Thread.ofPlatform().daemon().start(running);
            reached.await();
            if (running.isDone()) {
                running.get();
                return;
            }
        }
        Runtime.getRuntime().halt(HALTED);
    }

    private static FailPoints stopping(String at, int time, CountDownLatch reached) {
        var left = new AtomicInteger(time);
        return step -> {
            if (step.equals(at) && left.decrementAndGet() == 0) {
                reached.countDown();
                while (true) {
                    LockSupport.park();
                }
            }
        };
    }

    private static void run(Group group, String what, FailPoints stopping) throws Exception {
        switch (what) {
            case "settle" -> group.settle(stopping);
            case "undo" ->
                group.restore(step -> {
                    stopping.reached(step);
                    if (step.equals("restore.compared")) {
                        throw new UncheckedIOException(new IOException("as it were"));
                    }
                });
            default -> {
                Outcome<Optional<String>> answer = group.restore(stopping);
                Files.writeString(group.root().resolve("answer"), answer.toString());
                System.err.println(answer);
            }
        }
    }
}
