package dev.holdfast.sqlite.wal;

import java.nio.ByteBuffer;

/** Goes over a log only to know where it ends. */
public enum NoOpWalVisitor implements WalScanner.Visitor {
    END;

    @Override
    public void restarted(int pageSize) {}

    @Override
    public void rolledBack() {}

    @Override
    public void frame(int frame, int page, ByteBuffer content) {}

    @Override
    public void committed(int pages) {}
}
