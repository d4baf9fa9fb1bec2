package dev.holdfast.bootstrap.planted;

import java.util.Timer;

/** Has a timer of its own. */
final class OwnTimer {
    static final Timer TIMER = new Timer(true);

    private OwnTimer() {}
}
