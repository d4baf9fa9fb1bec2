package dev.holdfast.http.access;

import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A running server that tests use one after the other, because a context costs more than most tests. Each port in its context
 * is a relay to the port of the test that uses the server, so that no test sees what another one has stored. Idle servers end
 * with the JVM.
 */
final class SharedServer implements Beans {
    private static final Map<Object, Deque<SharedServer>> IDLE = new HashMap<>();

    private final Object shape;
    private final ApplicationContext context = AccessServerFixture.context();
    private final Map<Class<?>, Relay<?>> relays = new HashMap<>();
    private @Nullable EmbeddedServer server;

    private SharedServer(Object shape) {
        this.shape = shape;
    }

    /**
     * Takes an idle server or starts one.
     *
     * @param shape what contexts have in common that may stand in for each other
     */
    static SharedServer take(Object shape) {
        synchronized (IDLE) {
            SharedServer idle = IDLE.getOrDefault(shape, new ArrayDeque<>()).poll();
            return idle == null ? new SharedServer(shape) : idle;
        }
    }

    @Override
    public <T> void add(Class<T> type, T bean) {
        T shared = type.isInterface() ? port(type, bean) : bean;
        if (server == null) {
            context.registerSingleton(type, shared);
        }
    }

    @Override
    public <T> T port(Class<T> type, T own) {
        @SuppressWarnings("unchecked")
        var relay = (Relay<T>) relays.computeIfAbsent(type, _ -> new Relay<>(type));
        relay.to(own);
        return relay.port();
    }

    /** Starts the server unless it runs. */
    int start() {
        if (server == null) {
            AccessServerFixture.limitUnlessLimited(context);
            context.start();
            server = context.getBean(EmbeddedServer.class).start();
        }
        return Objects.requireNonNull(server).getPort();
    }

    /** Leaves the server to the next test, or closes it if a call of this test is still inside a port. */
    void release() {
        if (relays.values().stream().anyMatch(Relay::isInUse)) {
            context.close();
            return;
        }
        synchronized (IDLE) {
            IDLE.computeIfAbsent(shape, _ -> new ArrayDeque<>()).push(this);
        }
    }
}
