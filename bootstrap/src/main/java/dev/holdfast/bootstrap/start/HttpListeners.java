package dev.holdfast.bootstrap.start;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import jakarta.inject.Singleton;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** The sockets at which the framework's HTTP server listens, whatever opened them. */
@Singleton
public final class HttpListeners implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private final List<Channel> channels = new CopyOnWriteArrayList<>();

    @Override
    public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        event.getBean().register(new NettyServerCustomizer() {
            @Override
            public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
                if (role == ChannelRole.LISTENER) {
                    channels.add(channel);
                }
                return this;
            }
        });
        return event.getBean();
    }

    public List<SocketAddress> bound() {
        return channels.stream()
                .map(Channel::localAddress)
                .filter(Objects::nonNull)
                .toList();
    }
}
