package dev.holdfast.domain.profile;

import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code jobs_YYYY_MM_DD.db}, one a day, for automatic backups; {@code jobs_manual_YYYY_MM_DD_HH_MM_SS[_n].db}, up to
 * {@code _100}, for all others. See {@code docs/contracts/jobops.md#names}.
 */
record JobOpsNaming() implements Naming {
    private static final Pattern AUTOMATIC = Pattern.compile("jobs_(\\d{4}_\\d{2}_\\d{2})\\.db");
    private static final Pattern MANUAL =
            Pattern.compile("jobs_manual_(\\d{4}_\\d{2}_\\d{2}_\\d{2}_\\d{2}_\\d{2})(?:_\\d{1,9})?\\.db");
    private static final Stamp DAY = new Stamp("uuuu_MM_dd");
    private static final Stamp SECOND = new Stamp("uuuu_MM_dd_HH_mm_ss");
    private static final int LAST_SUFFIX = 100;

    @Override
    public Stream<BackupKey> proposals(Origin origin, Layout layout, Instant at) {
        if (origin == Origin.AUTOMATIC) {
            return Stream.of(new BackupKey("jobs_" + DAY.write(at) + ".db"));
        }
        String base = "jobs_manual_" + SECOND.write(at);
        return IntStream.rangeClosed(0, LAST_SUFFIX)
                .mapToObj(n -> new BackupKey(n == 0 ? base + ".db" : base + "_" + n + ".db"));
    }

    @Override
    public ParsedName parse(String text) {
        return AUTOMATIC.matcher(text).matches() || MANUAL.matcher(text).matches()
                ? new ParsedName.Valid(new BackupKey(text))
                : new ParsedName.Malformed("jobs_YYYY_MM_DD.db or jobs_manual_YYYY_MM_DD_HH_MM_SS.db");
    }

    /** Of an automatic backup midnight of its day, whatever the hour it ran. */
    @Override
    public Optional<Instant> time(BackupKey key) {
        Matcher automatic = AUTOMATIC.matcher(key.value());
        if (automatic.matches()) {
            return SECOND.read(automatic.group(1) + "_00_00_00");
        }
        Matcher manual = MANUAL.matcher(key.value());
        return manual.matches() ? SECOND.read(manual.group(1)) : Optional.empty();
    }

    @Override
    public Layout layout(BackupKey key) {
        return Layout.SQLITE;
    }

    /** There is one a day, and no other name for it. */
    @Override
    public boolean isOnlyName(BackupKey key) {
        return isAutomatic(key);
    }

    @Override
    public boolean isAutomatic(BackupKey key) {
        return AUTOMATIC.matcher(key.value()).matches();
    }
}
