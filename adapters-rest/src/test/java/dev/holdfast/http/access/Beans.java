package dev.holdfast.http.access;

import io.micronaut.context.ApplicationContext;

/** The singletons that a test gives to a context. */
public interface Beans {
    /** The singletons of a context that one test has for itself. */
    static Beans of(ApplicationContext context) {
        return new Beans() {
            @Override
            public <T> void add(Class<T> type, T bean) {
                context.registerSingleton(type, bean);
            }

            @Override
            public <T> T port(Class<T> type, T own) {
                return own;
            }
        };
    }

    /** Adds a singleton: a port of this test alone, or a class of which all contexts of the same shape have an equal one. */
    <T> void add(Class<T> type, T bean);

    /** Returns a port for use inside such a class: the context's access to this test's own port. */
    <T> T port(Class<T> type, T own);
}
