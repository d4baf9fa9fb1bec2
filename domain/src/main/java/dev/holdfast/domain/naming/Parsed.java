package dev.holdfast.domain.naming;

import dev.holdfast.domain.backup.BackupKey;

/** What a text from outside is as the name of a backup. */
public sealed interface Parsed {
    /** It fits; inside it is never checked again. */
    record Fits(BackupKey key) implements Parsed {}

    record TooLong(int bytes, int longest) implements Parsed {}

    /** @param expected the form that fits, for a message */
    record Misshapen(String expected) implements Parsed {}
}
