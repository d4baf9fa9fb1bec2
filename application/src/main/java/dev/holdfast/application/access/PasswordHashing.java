package dev.holdfast.application.access;

/** A memory-hard password hash. Safe for use by several threads. */
public interface PasswordHashing {
    /** @return hash, salt and parameters as one text */
    String hash(String password);

    boolean matches(String password, String hash);
}
