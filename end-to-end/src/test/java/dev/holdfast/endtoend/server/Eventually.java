package dev.holdfast.endtoend.server;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Asks again until there is an answer, for half a minute. */
public final class Eventually {
    private static final long BOUND = TimeUnit.SECONDS.toNanos(30);
    private static final long BREATH = TimeUnit.MILLISECONDS.toNanos(20);

    private Eventually() {}

    /** @return the first answer that fits; the last one is in the failure */
    public static <T> T get(Callable<T> question, Predicate<T> fits) throws Exception {
        long end = System.nanoTime() + BOUND;
        T answer = question.call();
        while (!fits.test(answer)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("half a minute has passed, and still it is: " + answer);
            }
            LockSupport.parkNanos(BREATH); // so that the one who is asked gets the processor
            answer = question.call();
        }
        return answer;
    }
}
