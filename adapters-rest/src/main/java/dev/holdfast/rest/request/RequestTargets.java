package dev.holdfast.rest.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;

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
        private boolean refused;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (!refused && message instanceof HttpRequest request) {
                request.setUri(escaped(request.uri()));
                refused = !isAddress(request.uri());
                if (!refused) {
                    unanswered++;
                } else if (unanswered == 0) {
                    refuse(context);
                }
            }
            if (refused) {
                ReferenceCountUtil.release(message);
            } else {
                super.channelRead(context, message);
            }
        }

        /** The requests before it are answered first. */
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
            boolean answered = WireHandlers.endsAnswer(message);
            super.write(context, message, promise);
            if (answered) {
                unanswered--;
                if (refused && unanswered == 0) {
                    refuse(context);
                }
            }
        }

        /** Here, for what is no address has no API whose words it could be told in. */
        private static void refuse(ChannelHandlerContext context) {
            var response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST, Unpooled.copiedBuffer(NO_ADDRESS, UTF_8));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, "application/problem+json")
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                    .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            var _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
