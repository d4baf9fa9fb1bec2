package dev.holdfast.bootstrap;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.bootstrap.settings.Settings;
import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Starts the bean context with what the settings say to the framework. */
final class MicronautContext {
    private static final Duration IDLE_TIMEOUT = Duration.ofHours(1);

    private MicronautContext() {}

    static ApplicationContext start(Settings settings, DataDirectory data, FailPoints failPoints) {
        return ApplicationContext.builder()
                .deduceEnvironment(false)
                .banner(false)
                .properties(properties(settings))
                .singletons(settings, data, failPoints)
                .start();
    }

    private static Map<String, Object> properties(Settings settings) {
        var properties = new HashMap<String, Object>();
        properties.put("micronaut.server.host", settings.httpHost());
        properties.put("micronaut.server.port", settings.httpPort() == 0 ? -1 : settings.httpPort());
        // A client may wait silently for as long as its backup takes.
        properties.put("micronaut.server.idle-timeout", IDLE_TIMEOUT);
        return properties;
    }
}
