package dev.holdfast.sqlite.dump;

/** A text whose bytes are not valid in the database's encoding; SQLite keeps such. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RawText(byte[] bytes) {}
