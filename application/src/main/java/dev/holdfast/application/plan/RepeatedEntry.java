package dev.holdfast.application.plan;

import dev.holdfast.domain.backup.Backup;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * An entry of the audit that stands for all of its kind with the same key within {@code window} of its first.
 *
 * @param window from the first one on; later ones begin a new entry
 */
public record RepeatedEntry(Kind kind, String key, Duration window, AuditEntry entry) {
    /** What fills which share of the audit. */
    public enum Kind {
        /** Of accounts only: has nine tenths of the audit, and is never pushed out by the other kinds. */
        ACTION,
        /** Of strangers. Shares a tenth with {@link #REFUSAL}, and makes room for it. */
        FAILED_SIGN_IN,
        /** Of accounts whose role did not suffice. */
        REFUSAL
    }

    private static final Duration COUNTED_WINDOW = Duration.ofMinutes(15);
    private static final Duration DOWNLOAD_WINDOW = Duration.ofHours(1);

    /** One for each name and address. */
    public static RepeatedEntry failedSignIn(Instant at, String name, String address, String outcome) {
        var entry = new AuditEntry(at, name, "sign-in", Optional.empty(), Optional.empty(), outcome, "").from(address);
        return new RepeatedEntry(
                Kind.FAILED_SIGN_IN, key("sign-in", entry.who(), address, outcome), COUNTED_WINDOW, entry);
    }

    /**
     * One for each account and address. Its object is the first call that was refused.
     *
     * @param call the call, without anything that could be a secret
     */
    public static RepeatedEntry refusal(Instant at, String who, String address, String call) {
        var entry = new AuditEntry(at, who, "call", Optional.empty(), Optional.of(call), "permission-denied", "")
                .from(address);
        return new RepeatedEntry(Kind.REFUSAL, key("call", entry.who(), address), COUNTED_WINDOW, entry);
    }

    /** One for each account and backup, however many ranges of it are downloaded. */
    public static RepeatedEntry download(Instant at, String who, String address, Backup backup) {
        var entry = new AuditEntry(
                        at,
                        who,
                        "backup.download",
                        Optional.of(backup.database()),
                        Optional.of(backup.key().value()),
                        AuditEntry.SUCCEEDED,
                        "")
                .from(address);
        return new RepeatedEntry(
                Kind.ACTION,
                key(
                        "download",
                        entry.who(),
                        backup.database().value(),
                        backup.key().value(),
                        backup.createdAt().toString()),
                DOWNLOAD_WINDOW,
                entry);
    }

    private static String key(String... parts) {
        return String.join("\n", parts);
    }

    /** Together with {@code other}, of the same key. */
    public RepeatedEntry and(RepeatedEntry other) {
        return new RepeatedEntry(kind, key, window, entry.and(other.entry));
    }
}
