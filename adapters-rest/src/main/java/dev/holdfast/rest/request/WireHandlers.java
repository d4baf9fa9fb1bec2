package dev.holdfast.rest.request;

import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Handlers that see requests as they arrive, before the framework does. */
public final class WireHandlers {
    private WireHandlers() {}

    /** @param handler made anew for each connection, whose thread alone uses it */
    public static void add(NettyServerCustomizer.Registry registry, String name, Supplier<ChannelHandler> handler) {
        registry.register(new Customizer(name, handler, null));
    }

    private record Customizer(
            String name,
            Supplier<ChannelHandler> handler,
            @Nullable Channel channel) implements NettyServerCustomizer {
        @Override
        public NettyServerCustomizer specializeForChannel(Channel newChannel, ChannelRole role) {
            return new Customizer(name, handler, newChannel);
        }

        @Override
        public void onStreamPipelineBuilt() {
            if (channel != null
                    && channel.pipeline().get(ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC) != null) {
                channel.pipeline().addAfter(ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC, name, handler.get());
            }
        }
    }
}
