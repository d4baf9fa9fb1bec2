package dev.holdfast.application.notice;

/** Takes notices to whoever wants them. Safe for use by several threads; never blocks, never throws. */
@FunctionalInterface
public interface Notifier {
    void tell(Notification notice);
}
