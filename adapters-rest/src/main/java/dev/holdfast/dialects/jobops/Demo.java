package dev.holdfast.dialects.jobops;

import dev.holdfast.http.dialect.Dialects;
import jakarta.inject.Singleton;
import java.util.Optional;

/** What the public demo does not do. */
@Singleton
public final class Demo {
    private final Dialects dialects;

    Demo(Dialects dialects) {
        this.dialects = dialects;
    }

    public enum Action {
        CREATE("Manual backup creation is disabled in the public demo."),
        DELETE("Deleting backups is disabled in the public demo."),
        SAVE("Saving settings is disabled in the public demo.");

        private final String reason;

        Action(String reason) {
            this.reason = reason;
        }
    }

    boolean isOn() {
        return dialects.jobOpsDemo();
    }

    public Optional<JobOpsApiError> refusal(Action action) {
        return isOn() ? Optional.of(JobOpsApiError.blocked(action.reason)) : Optional.empty();
    }
}
