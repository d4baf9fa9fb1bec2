package dev.holdfast.rest.v1;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * @param stall how long a client may take nothing of a streamed answer before it is cut off and the backup let go
 * @param heartbeat how often an event stream without news says that it is alive
 * @param eventGap at least so long between two events of an operation that runs on
 */
@ConfigurationProperties("holdfast.http.stream")
record StreamSettings(
        @Bindable(defaultValue = "PT2M") Duration stall,
        @Bindable(defaultValue = "PT15S") Duration heartbeat,
        @Bindable(defaultValue = "PT0.2S") Duration eventGap) {}
