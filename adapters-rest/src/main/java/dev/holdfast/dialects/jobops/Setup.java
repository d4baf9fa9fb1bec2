package dev.holdfast.dialects.jobops;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.Accounts;
import jakarta.inject.Singleton;

/** Whether there is anybody yet who could sign in. */
@Singleton
final class Setup {
    private static final JobOpsApiError NOBODY_YET = JobOpsApiError.of(401, "Initial setup is required");

    private final AccessControl access;
    private final Accounts accounts;

    /** Until the next start, even if all were removed: the door does not open by itself again. */
    private volatile boolean somebody;

    Setup(AccessControl access, Accounts accounts) {
        this.access = access;
        this.accounts = accounts;
    }

    boolean hasUsers() {
        if (!somebody) {
            somebody = !accounts.users().isEmpty();
        }
        return somebody;
    }

    /** Whether there is no way in for anybody yet. While access control is off nobody needs one. */
    boolean isMissing() {
        return access.enabled()
                && !access.trustsProvider()
                && !hasUsers()
                && accounts.tokens().isEmpty();
    }

    JobOpsApiError notSignedIn() {
        return isMissing() ? NOBODY_YET : JobOpsApiError.NOT_SIGNED_IN;
    }
}
