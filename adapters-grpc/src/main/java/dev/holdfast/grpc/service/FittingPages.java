package dev.holdfast.grpc.service;

import com.google.protobuf.Message;
import java.util.List;

/** Keeps pages below what a client takes unless it is told otherwise, which is 4 MiB. */
final class FittingPages {
    /** Leaves room for what is around the items. */
    private static final long MOST_BYTES = 3L << 20;

    private FittingPages() {}

    /** How many of the items, from the first on, fit into one answer; at least one, if there is one. */
    static int fitting(List<? extends Message> items) {
        int count = 0;
        long size = 0;
        for (Message item : items) {
            size += item.getSerializedSize();
            if (size > MOST_BYTES && count > 0) {
                break;
            }
            count++;
        }
        return count;
    }
}
