package dev.holdfast.rest.request;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import jakarta.inject.Singleton;

/**
 * Makes the address of every request one that a URI can have, before anything looks at it. Clients send characters that
 * may not stand in a URI, and a per cent sign that begins no escape, meaning just these (as the URL standard of browsers
 * reads them); the framework would answer for another address, without the request's headers, that nobody has signed in.
 */
@Singleton
final class RequestTargets implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private static final String NEVER = "\"<>\\^`{|}";

    @Override
    public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        WireHandlers.add(event.getBean(), "request-targets", Escaping::new);
        return event.getBean();
    }

    /** @param target as the request line has it; what may stand there stays as it is */
    static String escaped(String target) {
        var escaped = new StringBuilder(target.length());
        boolean inQuery = false;
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            inQuery |= c == '?';
            boolean bracket = (c == '[' || c == ']') && !inQuery && target.startsWith("/");
            boolean stray = c == '%' && !isEscape(target, i);
            if (c <= ' ' || c == 0x7f || stray || bracket || NEVER.indexOf(c) >= 0) {
                escaped.append("%%%02X".formatted((int) c));
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

    private static final class Escaping extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (message instanceof HttpRequest request) {
                request.setUri(escaped(request.uri()));
            }
            super.channelRead(context, message);
        }
    }
}
