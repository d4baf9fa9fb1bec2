package dev.holdfast.application.notice;

/** Counts how the deliveries of notifications ended. Called by several threads. */
@FunctionalInterface
public interface DeliveryTally {
    /** How a delivery ended. */
    enum End {
        DELIVERED,
        FAILED,
        /** Never tried: too many notifications were waiting. */
        DROPPED
    }

    /**
     * @param receiver a webhook's name, or {@code ping/} and a database's
     * @param number 0 once for each end at the start, so that the first of them is an increase
     */
    void add(String receiver, End end, int number);
}
