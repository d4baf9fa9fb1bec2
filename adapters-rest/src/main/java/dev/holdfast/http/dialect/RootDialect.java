package dev.holdfast.http.dialect;

import dev.holdfast.http.request.WireHandlers;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import jakarta.inject.Singleton;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets one dialect answer at {@code /api} too, for clients that know no prefix: the address is changed as it arrives, so
 * that all behind it knows one address only. {@code /api/v1} stays the native API's.
 */
@Singleton
final class RootDialect implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private static final String ROOT = "/api";
    private static final String NATIVE = "/api/v1";

    /** Clients of a proxy send whole addresses, which every server has to take. */
    private static final Pattern BEFORE_PATH = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*");

    private final Dialects dialects;

    RootDialect(Dialects dialects) {
        this.dialects = dialects;
    }

    @Override
    public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        dialects.root().ifPresent(it -> WireHandlers.add(event.getBean(), "root-dialect", () -> new Rewriting(it)));
        return event.getBean();
    }

    /** @param target as the request line has it; all but the beginning of the path stays as it is */
    static String rewritten(String target, Dialect root) {
        Matcher before = BEFORE_PATH.matcher(target);
        int begin = before.lookingAt() ? before.end() : 0;
        int end = begin;
        while (end < target.length() && target.charAt(end) != '?' && target.charAt(end) != '#') {
            end++;
        }
        String path = target.substring(begin, end);
        return Dialect.isAtOrBelow(path, ROOT) && !Dialect.isAtOrBelow(path, NATIVE)
                ? target.substring(0, begin) + root.prefix() + target.substring(begin + ROOT.length())
                : target;
    }

    private static final class Rewriting extends ChannelInboundHandlerAdapter {
        private final Dialect root;

        Rewriting(Dialect root) {
            this.root = root;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (message instanceof HttpRequest request) {
                request.setUri(rewritten(request.uri(), root));
            }
            super.channelRead(context, message);
        }
    }
}
