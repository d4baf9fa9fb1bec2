package dev.holdfast.application.access;

/**
 * A memory-hard password hash. Safe for use by several threads. As it needs much memory, few run at once; a call whose
 * turn does not come in time throws {@link dev.holdfast.domain.problem.ProblemException} with {@code TooManyAttempts}.
 */
public interface PasswordHashing {
    /** @return hash, salt and parameters as one text; another one each time, as the salt is random */
    String hash(String password);

    /** @return false also for a text that is no such hash */
    boolean matches(String password, String hash);
}
