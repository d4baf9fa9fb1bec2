package dev.holdfast.http.stream;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.time.Duration;

/**
 * @param stall how long a client may take nothing of a streamed answer before it is cut off and the backup let go
 * @param heartbeat how often an event stream without news says that it is alive
 * @param renew how long a stream of all operations lasts; its client comes back and is let in again, or is not
 * @param mostWatchers so many event streams are open at once
 * @param eventGap at least so long between two events of an operation that runs on, and between two looks at all of them
 */
@ConfigurationProperties("holdfast.http.stream")
public record StreamSettings(
        @Bindable(defaultValue = "PT2M") Duration stall,
        @Bindable(defaultValue = "PT15S") Duration heartbeat,
        @Bindable(defaultValue = "PT0.2S") Duration eventGap,
        @Bindable(defaultValue = "PT15M") Duration renew,
        @Bindable(defaultValue = "100") int mostWatchers) {}
