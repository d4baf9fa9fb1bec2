package dev.holdfast.bootstrap.server;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.bootstrap.settings.Settings;
import dev.holdfast.bootstrap.start.DataDirectory;
import dev.holdfast.bootstrap.timer.TimerThreads;
import dev.holdfast.grpc.server.GrpcServer;
import io.micronaut.context.ApplicationContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Starts the bean context with what the settings say to the framework. */
final class MicronautContext {
    private static final Duration IDLE_TIMEOUT = Duration.ofHours(1);

    private MicronautContext() {}

    /** @param answers how long calls that are being answered at the stop may take */
    static ApplicationContext start(Settings settings, DataDirectory data, FailPoints failPoints, Duration answers) {
        ApplicationContext context = ApplicationContext.builder()
                // Neither the environment nor application.yml: what no setting names would open addresses.
                .enableDefaultPropertySources(false)
                .deduceEnvironment(false)
                .banner(false)
                .properties(properties(settings))
                .properties(TimerThreads.PROPERTIES)
                .properties(GrpcServer.properties(settings.grpc(), answers))
                .singletons(settings, data, failPoints)
                .build();
        // MICRONAUT_ENVIRONMENTS is read whatever the builder says.
        context.getEnvironment().getActiveNames().clear();
        return context.start();
    }

    private static Map<String, Object> properties(Settings settings) {
        var properties = new HashMap<String, Object>();
        properties.put("micronaut.server.host", settings.httpHost());
        properties.put("micronaut.server.port", settings.httpPort() == 0 ? -1 : settings.httpPort());
        // What a dependency brings to manage the program by.
        properties.put("endpoints.all.enabled", false);
        // A client may wait silently for as long as its backup takes.
        properties.put("micronaut.server.idle-timeout", IDLE_TIMEOUT);
        return properties;
    }
}
