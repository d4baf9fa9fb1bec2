package dev.holdfast.http.request;

import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Handlers that see requests as they arrive, before the framework does. */
public final class WireHandlers {
    private WireHandlers() {}

    /** @param handler made anew for each connection, whose thread alone uses it */
    public static void add(NettyServerCustomizer.Registry registry, String name, Supplier<ChannelHandler> handler) {
        registry.register(new Customizer(name, handler, false, null));
    }

    /** As {@link #add}, for a handler that sees the bytes before they are decoded. */
    static void addForBytes(NettyServerCustomizer.Registry registry, String name, Supplier<ChannelHandler> handler) {
        registry.register(new Customizer(name, handler, true, null));
    }

    /** Whether this is the last that is written of an answer; what comes before it, as {@code 100 Continue}, is none. */
    public static boolean endsAnswer(Object message) {
        return message instanceof LastHttpContent
                && !(message instanceof HttpResponse response
                        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL);
    }

    /** Whether this is the first that is written of an answer. */
    static boolean beginsAnswer(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() != HttpStatusClass.INFORMATIONAL;
    }

    /** Closes the connection past the other handlers, which would wait for the rest of the message. */
    static void close(ChannelHandlerContext context) {
        ChannelHandlerContext first = context.pipeline().firstContext();
        var _ = first == null ? context.channel().close() : first.close();
    }

    private record Customizer(
            String name,
            Supplier<ChannelHandler> handler,
            boolean isForBytes,
            @Nullable Channel channel) implements NettyServerCustomizer {
        @Override
        public NettyServerCustomizer specializeForChannel(Channel newChannel, ChannelRole role) {
            return new Customizer(name, handler, isForBytes, newChannel);
        }

        @Override
        public void onStreamPipelineBuilt() {
            if (channel == null) {
                return;
            }
            ChannelPipeline pipeline = channel.pipeline();
            if (pipeline.get(ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC) == null) {
                return;
            }
            if (isForBytes) {
                pipeline.addBefore(ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC, name, handler.get());
            } else {
                pipeline.addAfter(ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC, name, handler.get());
            }
        }
    }
}
