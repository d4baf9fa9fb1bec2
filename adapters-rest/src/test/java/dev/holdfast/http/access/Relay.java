package dev.holdfast.http.access;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A port that passes each call on to another port, which can be replaced. */
final class Relay<P> {
    private final AtomicReference<@Nullable P> target = new AtomicReference<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final P port;

    Relay(Class<P> type) {
        Class<?>[] types = {type};
        port = type.cast(Proxy.newProxyInstance(type.getClassLoader(), types, this::call));
    }

    private @Nullable Object call(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> arguments != null && proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "relay to " + target.get();
            };
        }
        calls.incrementAndGet();
        try {
            return method.invoke(target.get(), arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        } finally {
            calls.decrementAndGet();
        }
    }

    P port() {
        return port;
    }

    void to(P next) {
        target.set(next);
    }

    /** Whether a call is under way. */
    boolean isInUse() {
        return calls.get() > 0;
    }
}
