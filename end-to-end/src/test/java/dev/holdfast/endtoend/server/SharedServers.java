package dev.holdfast.endtoend.server;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Resolves parameters of a type of {@link Shared}: the first test class that has one starts it, and all later ones of the
 * same JVM get the same. It is closed at the end of the run.
 *
 * <p>Surefire executes each class on its own where it forks, so the root store would end with each class.
 */
public final class SharedServers implements ParameterResolver {
    private static final Namespace SHARED = Namespace.create(SharedServers.class);

    /** A running server with its clients, made by a constructor that takes an empty directory for all of its files. */
    public interface Shared extends AutoCloseable {
        @Override
        void close();
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return Shared.class.isAssignableFrom(parameter.getParameter().getType());
    }

    @Override
    public Shared resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<? extends Shared> type = parameter.getParameter().getType().asSubclass(Shared.class);
        return context.getStore(StoreScope.LAUNCHER_SESSION, SHARED)
                .getOrComputeIfAbsent(type, SharedServers::start, Running.class)
                .server();
    }

    private static Running start(Class<? extends Shared> type) {
        try {
            Path directory = Files.createTempDirectory("shared-");
            Constructor<? extends Shared> constructor = type.getDeclaredConstructor(Path.class);
            constructor.setAccessible(true);
            return new Running(constructor.newInstance(directory), directory);
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException(type.getSimpleName() + " did not start", e);
        }
    }

    private record Running(Shared server, Path directory) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            server.close();
            List<Path> files;
            try (Stream<Path> all = Files.walk(directory)) {
                files = all.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }
}
