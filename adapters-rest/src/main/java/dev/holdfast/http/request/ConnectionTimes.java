package dev.holdfast.http.request;

import dev.holdfast.application.connection.ConnectionLimits;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection whose client sends nothing, or a head too slowly. It never does while a client waits for an answer.
 * It looks as often as one head may take, so that a bound is kept within that time.
 *
 * <p>Used by the channel's own thread only.
 */
final class ConnectionTimes extends ChannelDuplexHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionTimes.class);

    private final ConnectionLimits limits;
    private Awaited awaited = Awaited.HEAD;
    private long since = System.nanoTime();
    private long unanswered;
    /** Whether what is being read has completed a part of a request. */
    private boolean decoded;
    /** Whether the server is ready to read. If it is not, silence is not the client's. */
    private boolean reading;

    private @Nullable Future<?> check;

    private enum Awaited {
        /** The rest of a head, or the first one as a whole. */
        HEAD,
        /** Another request. */
        REQUEST,
        BODY,
        /** The server has to answer. */
        NOTHING
    }

    ConnectionTimes(ConnectionLimits limits) {
        this.limits = limits;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        await(Awaited.HEAD);
        checkLater(context, limits.head().toNanos());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (check != null) {
            check.cancel(false);
        }
    }

    private void await(Awaited next) {
        awaited = next;
        since = System.nanoTime();
    }

    private void checkLater(ChannelHandlerContext context, long nanos) {
        check = context.executor()
                .schedule(() -> check(context), Math.min(nanos, limits.head().toNanos()), TimeUnit.NANOSECONDS);
    }

    private void check(ChannelHandlerContext context) {
        if (awaited == Awaited.NOTHING || (awaited == Awaited.BODY && !reading)) {
            since = System.nanoTime();
        }
        Duration most = awaited == Awaited.HEAD ? limits.head() : limits.silence();
        long left = most.toNanos() - (System.nanoTime() - since);
        if (left > 0) {
            checkLater(context, left);
            return;
        }
        LOG.debug(
                "Closed a connection of {}, which did not send in time",
                context.channel().remoteAddress());
        WireHandlers.close(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        decoded = true;
        if (message instanceof HttpRequest) {
            unanswered++;
        }
        if (message instanceof LastHttpContent) {
            await(unanswered > 0 ? Awaited.NOTHING : Awaited.REQUEST);
        } else {
            await(Awaited.BODY);
        }
        super.channelRead(context, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        if (!decoded && awaited == Awaited.REQUEST) {
            await(Awaited.HEAD); // some of it has come
        }
        decoded = false;
        reading = false;
        super.channelReadComplete(context);
    }

    @Override
    public void read(ChannelHandlerContext context) throws Exception {
        if (!reading && awaited == Awaited.BODY) {
            since = System.nanoTime();
        }
        reading = true;
        super.read(context);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (WireHandlers.endsAnswer(message)) {
            unanswered--;
            if (unanswered <= 0 && awaited == Awaited.NOTHING) {
                await(Awaited.REQUEST);
            }
        }
        super.write(context, message, promise);
    }
}
