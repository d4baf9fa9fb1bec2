package dev.holdfast.http.dialect;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** A port that works as another one does until it is told to fail. */
public final class Failing<P> {
    private final Map<String, Supplier<?>> others = new ConcurrentHashMap<>();
    private volatile Optional<RuntimeException> outage = Optional.empty();
    private final P port;

    public Failing(Class<P> type, P whole) {
        Class<?>[] types = {type};
        port = type.cast(Proxy.newProxyInstance(type.getClassLoader(), types, (proxy, method, arguments) -> {
            outage.ifPresent(it -> {
                throw it;
            });
            Supplier<?> other = others.get(method.getName());
            if (other != null) {
                return other.get();
            }
            try {
                return method.invoke(whole, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }

    public P port() {
        return port;
    }

    /** From now on every call throws it. */
    public void fail(RuntimeException trouble) {
        outage = Optional.of(trouble);
    }

    /** From now on calls of methods of this name throw it. */
    public void fail(String method, RuntimeException trouble) {
        instead(method, () -> {
            throw trouble;
        });
    }

    /** From now on calls of methods of this name come to this. */
    public void instead(String method, Supplier<?> other) {
        others.put(method, other);
    }

    /** From now on all is well again. */
    public void recover() {
        outage = Optional.empty();
        others.clear();
    }
}
