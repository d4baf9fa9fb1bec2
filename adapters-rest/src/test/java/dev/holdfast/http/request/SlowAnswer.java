package dev.holdfast.http.request;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

/**
 * What {@link SlowAnswerController} waits for.
 *
 * @param asked counts the requests
 */
record SlowAnswer(Semaphore asked, CountDownLatch latch) {}
