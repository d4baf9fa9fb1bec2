package dev.holdfast.http.access;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.token.Identification;
import io.micronaut.http.HttpRequest;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Whether who has asked for a stream may still have it: looked at again and again, as long as it lasts. */
@Singleton
public final class AccessRecheck {
    static final Duration EVERY = Duration.ofSeconds(30);

    private final AccessControl access;
    private final Identification identification;
    private final InstantSource clock;

    AccessRecheck(AccessControl access, Identification identification, InstantSource clock) {
        this.access = access;
        this.identification = identification;
        this.clock = clock;
    }

    /**
     * @param request for what every role may have
     * @return to be asked by one thread at a time; may block
     */
    public BooleanSupplier of(HttpRequest<?> request) {
        return access.enabled()
                ? new Look(
                        BearerAuthenticationFetcher.bearer(request),
                        clock.instant().plus(EVERY))
                : () -> true;
    }

    private final class Look implements BooleanSupplier {
        private final Optional<String> token;
        private Instant next;

        Look(Optional<String> token, Instant next) {
            this.token = token;
            this.next = next;
        }

        @Override
        public boolean getAsBoolean() {
            Instant now = clock.instant();
            if (now.isBefore(next)) {
                return true;
            }
            next = now.plus(EVERY);
            return token.flatMap(identification::withBearer).isPresent();
        }
    }
}
