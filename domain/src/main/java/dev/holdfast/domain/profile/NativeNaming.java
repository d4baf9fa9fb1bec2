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

/** {@code app_YYYYMMDD_HHMMSS.db}; a taken name gets {@code _1}, {@code _2} and so on. */
record NativeNaming(String prefix) implements Naming {
    private static final Stamp STAMP = new Stamp("uuuuMMdd_HHmmss");
    private static final int LAST_SUFFIX = 9_999;

    private Matcher match(String text) {
        return Pattern.compile(Pattern.quote(prefix) + "_(\\d{8}_\\d{6})(?:_[1-9]\\d{0,3})?\\.db")
                .matcher(text);
    }

    @Override
    public Stream<BackupKey> proposals(Origin origin, Layout layout, Instant at) {
        String base = prefix + "_" + STAMP.write(at);
        return IntStream.rangeClosed(0, LAST_SUFFIX)
                .mapToObj(n -> new BackupKey(n == 0 ? base + ".db" : base + "_" + n + ".db"));
    }

    @Override
    public ParsedName parse(String text) {
        return match(text).matches()
                ? new ParsedName.Valid(new BackupKey(text))
                : new ParsedName.Malformed(
                        prefix + "_YYYYMMDD_HHMMSS.db, or " + prefix + "_YYYYMMDD_HHMMSS_1.db and so on");
    }

    @Override
    public Optional<Instant> time(BackupKey key) {
        Matcher matcher = match(key.value());
        return matcher.matches() ? STAMP.read(matcher.group(1)) : Optional.empty();
    }

    @Override
    public Layout layout(BackupKey key) {
        return Layout.SQLITE;
    }

    /** Never: a taken name gets a number. */
    @Override
    public boolean isOnlyName(BackupKey key) {
        return false;
    }

    /** Never: manual and automatic backups share one form of name. */
    @Override
    public boolean isAutomatic(BackupKey key) {
        return false;
    }
}
