package dev.holdfast.http.request;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Answers a request that accepts problems alone. Every call may answer with a problem, and generated clients send only one
 * of the types that a call is described with: Ruby's asks a download or the metrics for {@code application/problem+json}.
 * A server may answer with another type than the request accepts (RFC 9110, 12.4.1).
 */
@Singleton
final class AcceptedProblems implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private static final Pattern PROBLEM = Pattern.compile("(?i)\\s*application/problem\\+json\\s*(;.*)?");
    private static final Pattern EXCLUDED = Pattern.compile("(?i).*;\\s*q\\s*=\\s*0(\\.0*)?\\s*(;.*)?");
    private static final String ANYTHING = "*/*;q=0.1";

    @Override
    public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        WireHandlers.add(event.getBean(), "accepted-problems", Widening::new);
        return event.getBean();
    }

    static boolean acceptsProblems(List<String> headers) {
        return headers.stream()
                .flatMap(it -> Arrays.stream(it.split(",")))
                .anyMatch(it ->
                        PROBLEM.matcher(it).matches() && !EXCLUDED.matcher(it).matches());
    }

    private static final class Widening extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (message instanceof HttpRequest request) {
                List<String> accepted = request.headers().getAll(HttpHeaderNames.ACCEPT);
                if (acceptsProblems(accepted)) {
                    var wider = new ArrayList<>(accepted);
                    wider.add(ANYTHING);
                    request.headers().set(HttpHeaderNames.ACCEPT, String.join(", ", wider));
                }
            }
            super.channelRead(context, message);
        }
    }
}
