package dev.holdfast.http.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the address of every request one that a URI can have, before anything looks at it. Clients send characters that
 * may not stand in a URI, and a per cent sign that begins no escape, meaning just these (as the URL standard of browsers
 * reads them); the framework would answer for another address, without the request's headers, that nobody has signed in.
 */
@Singleton
final class RequestTargets implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private static final String NO_ADDRESS =
            "{\"type\":\"urn:holdfast:problem:invalid-argument\",\"title\":\"A value in the request is not allowed\","
                    + "\"status\":400,\"detail\":\"What the request asks for is no address.\",\"code\":\"invalid-argument\"}\n";
    /** With a reason, which has no character that JSON escapes. */
    private static final String AMBIGUOUS =
            "{\"type\":\"urn:holdfast:problem:malformed-request\",\"title\":\"The request cannot be understood\","
                    + "\"status\":400,\"detail\":\"The message could be read in several ways: %s. It was not answered"
                    + " otherwise, and the connection is closed.\",\"code\":\"malformed-request\"}\n";
    /** The time in which a client may read the refusal and stop sending. */
    private static final Duration LINGER = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(RequestTargets.class);
    private static final String NEVER = "\"#<>\\^`{|}";

    @Override
    public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        WireHandlers.add(event.getBean(), "request-targets", Escaping::new);
        return event.getBean();
    }

    /** @param target as the request line has it, a character a byte; what may stand there stays as it is */
    static String escaped(String target) {
        var escaped = new StringBuilder(target.length());
        boolean inQuery = false;
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            inQuery |= c == '?';
            boolean bracket = (c == '[' || c == ']') && !inQuery && target.startsWith("/");
            boolean stray = c == '%' && !isEscape(target, i);
            if (c <= ' ' || c >= 0x7f || stray || bracket || NEVER.indexOf(c) >= 0) {
                escaped.append("%%%02X".formatted(c & 0xff));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    private static boolean isEscape(String target, int at) {
        return at + 2 < target.length()
                && Character.digit(target.charAt(at + 1), 16) >= 0
                && Character.digit(target.charAt(at + 2), 16) >= 0;
    }

    static boolean isAddress(String target) {
        try {
            var address = new URI(target);
            return target.startsWith("/") ? address.getRawAuthority() == null : isWhole(address) || target.equals("*");
        } catch (URISyntaxException _) {
            return false; // which is the answer
        }
    }

    private static boolean isWhole(URI address) {
        return address.getRawAuthority() != null
                && ("http".equalsIgnoreCase(address.getScheme()) || "https".equalsIgnoreCase(address.getScheme()));
    }

    /** Used by the channel's own thread only. */
    static final class Escaping extends ChannelDuplexHandler {
        private long unanswered;
        /** Whether the answer to the oldest of them has begun. */
        private boolean answering;

        private @Nullable String refusal;
        /**
         * Requests that are still unanswered when the refusal is due: one if it is refused in its body, else none. If it was
         * answered before that, an answer more would be taken for that of the next request.
         */
        private int refusedInBody;

        private boolean ended;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (refusal == null && message instanceof AmbiguousMessage ambiguous) {
                LOG.debug(
                        "Refused an ambiguous message from {}: {}",
                        context.channel().remoteAddress(),
                        ambiguous.reason());
                refusedInBody = ambiguous.isInBody() ? 1 : 0;
                refuse(context, AMBIGUOUS.formatted(ambiguous.reason()));
            } else if (refusal == null && message instanceof HttpRequest request) {
                request.setUri(escaped(request.uri()));
                if (isUndecodable(request)) {
                    refuse(context, AMBIGUOUS.formatted("its head is not one of HTTP"));
                } else if (isAddress(request.uri())) {
                    unanswered++;
                } else {
                    refuse(context, NO_ADDRESS);
                }
            }
            if (refusal != null) {
                ReferenceCountUtil.release(message);
            } else {
                super.channelRead(context, message);
            }
        }

        /** A head that is only too long is answered by the framework. */
        private static boolean isUndecodable(HttpRequest request) {
            return request.decoderResult().isFailure()
                    && !(request.decoderResult().cause() instanceof TooLongFrameException);
        }

        private void refuse(ChannelHandlerContext context, String body) {
            refusal = body;
            refuseIfDue(context);
        }

        /** The requests before it are answered first. */
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
            if (ended) {
                ReferenceCountUtil.release(message);
                promise.tryFailure(new ClosedChannelException());
                return;
            }
            boolean answered = WireHandlers.endsAnswer(message);
            answering = !answered && (answering || WireHandlers.beginsAnswer(message));
            super.write(context, message, promise);
            if (answered) {
                unanswered--;
                refuseIfDue(context);
            }
        }

        private void refuseIfDue(ChannelHandlerContext context) {
            if (ended || refusal == null || unanswered > refusedInBody) {
                return;
            }
            ended = true;
            if (answering || unanswered < refusedInBody) {
                // It has its answer, or a part of one, that another one cannot follow.
                var _ = context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> endOutput(context));
            } else {
                var _ = context.writeAndFlush(response(refusal)).addListener(_ -> endOutput(context));
            }
        }

        /** Here, for what is no address or ends in two places has no API in whose words an answer could be. */
        private static FullHttpResponse response(String body) {
            var response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST, Unpooled.copiedBuffer(body, UTF_8));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, "application/problem+json")
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                    .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            return response;
        }

        /**
         * Closes our direction at once and the other one later: a socket that is closed before all is read sends a reset,
         * which takes the answer from a client that is still sending.
         */
        private static void endOutput(ChannelHandlerContext context) {
            if (context.channel() instanceof DuplexChannel connection
                    && connection.isActive()
                    && context.pipeline().get(SslHandler.class) == null) {
                var _ = connection.shutdownOutput();
                connection.config().setAutoRead(true);
                var _ = context.executor()
                        .schedule(() -> WireHandlers.close(context), LINGER.toMillis(), TimeUnit.MILLISECONDS);
            } else {
                WireHandlers.close(context);
            }
        }
    }
}
