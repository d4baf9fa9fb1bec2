package dev.holdfast.domain.profile;

import dev.holdfast.domain.identity.BackupKey;

/** What a text from outside is as the name of a backup. */
public sealed interface ParsedName {
    /** It fits; inside it is never checked again. */
    record Valid(BackupKey key) implements ParsedName {}

    record TooLong(int bytes, int longest) implements ParsedName {}

    /** @param expected the form that fits, for a message */
    record Malformed(String expected) implements ParsedName {}
}
