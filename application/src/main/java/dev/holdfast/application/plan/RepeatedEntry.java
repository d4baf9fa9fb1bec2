package dev.holdfast.application.plan;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.ProblemCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An entry of the audit that stands for all of its kind with the same key within {@code window} of its first.
 *
 * @param window from the first one on; later ones begin a new entry
 */
public record RepeatedEntry(Kind kind, String key, Duration window, AuditEntry entry) {
    /** What fills which share of the audit. */
    public enum Kind {
        /** Of admins, commands and the server itself. Never pushed out by the other kinds. */
        ACTION,
        /** Of an account without the role admin, which the catalogue knows. Each such account has a share of its own. */
        ACCOUNT_ACTION,
        /** Of strangers. Shares a tenth with {@link #REFUSAL}, and makes room for it. */
        FAILED_SIGN_IN,
        /** Of accounts whose role did not suffice. Each of them has a share of its own. */
        REFUSAL
    }

    private static final Duration COUNTED_WINDOW = Duration.ofMinutes(15);
    private static final Duration DOWNLOAD_WINDOW = Duration.ofHours(1);
    private static final Duration ACTION_WINDOW = Duration.ofHours(1);

    /** Actions of admins and commands that remove or replace data, or decide whom and what the server trusts. */
    private static final Set<String> SINGLE = Set.of(
            "backup.delete",
            "restore",
            "restore.foreign",
            "retention.resume",
            "store.confirm",
            "location.confirm",
            "location.settings",
            "user.add",
            "user.remove",
            "user.password",
            "token.create",
            "token.impersonate",
            "token.revoke");

    /** The outcomes of an action that has happened, or may have. */
    private static final Set<String> DONE = Set.of(AuditEntry.SUCCEEDED, AuditEntry.STARTED, ProblemCode.INTERNAL.id());

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

    /**
     * One for each account, address, action, object, outcome and detail within an hour, so that the same request again and
     * again is one entry. Empty for what keeps an entry of its own.
     */
    public static Optional<RepeatedEntry> action(AuditEntry entry) {
        if (SINGLE.contains(entry.action()) && DONE.contains(entry.outcome())) {
            return Optional.empty();
        }
        var key = new StringBuilder("action");
        Stream.of(
                        entry.who(),
                        entry.address().orElse(""),
                        entry.action(),
                        entry.database().map(DatabaseName::value).orElse(""),
                        entry.object().orElse(""),
                        entry.outcome(),
                        entry.detail())
                // The lengths keep a text from outside from being read as two parts.
                .forEach(it -> key.append('\n').append(it.length()).append(':').append(it));
        return Optional.of(new RepeatedEntry(Kind.ACTION, key.toString(), ACTION_WINDOW, entry));
    }

    private static String key(String... parts) {
        return String.join("\n", parts);
    }

    /** Together with {@code other}, of the same key. */
    public RepeatedEntry and(RepeatedEntry other) {
        return new RepeatedEntry(kind, key, window, entry.and(other.entry));
    }
}
