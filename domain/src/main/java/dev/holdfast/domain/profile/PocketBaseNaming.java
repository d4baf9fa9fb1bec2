package dev.holdfast.domain.profile;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code pb_backup_<app>_<yyyyMMddHHmmss>.zip}, and {@code @auto_pb_backup_…} for automatic ones, which the {@code @}
 * keeps out of the names that a client may choose ({@code docs/contracts/pocketbase.md#names}). A taken name gets
 * {@code _1}, {@code _2} and so on, where the original would overwrite.
 */
record PocketBaseNaming(String app) implements Naming {
    private static final Pattern GIVEN = Pattern.compile("[a-z0-9_-]+\\.zip");
    private static final Pattern GENERATED =
            Pattern.compile("(@auto_)?pb_backup_[a-z0-9_]*_(\\d{14})(?:_\\d{1,9})?\\.zip");
    private static final String AUTOMATIC = "@auto_pb_backup_";
    private static final Stamp STAMP = new Stamp("uuuuMMddHHmmss");
    private static final int LONGEST = 150;
    private static final int LONGEST_APP = 50;
    private static final int LAST_SUFFIX = 9_999;

    @Override
    public Stream<BackupKey> proposals(Origin origin, Layout layout, Instant at) {
        String base = (origin == Origin.AUTOMATIC ? AUTOMATIC : "pb_backup_") + snakeCase(app) + "_" + STAMP.write(at);
        return IntStream.rangeClosed(0, LAST_SUFFIX)
                .mapToObj(n -> new BackupKey(n == 0 ? base + ".zip" : base + "_" + n + ".zip"));
    }

    /** {@code myTestDB} becomes {@code my_test_db}; all but ASCII letters and digits separates. */
    static String snakeCase(String app) {
        String snake = app.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .replaceAll("([A-Z]+)([A-Z][a-z])", "$1_$2")
                .replaceAll("[^A-Za-z0-9]+", "_")
                .replaceAll("^_+|_+$", "")
                .toLowerCase(Locale.ROOT);
        return snake.substring(0, Math.min(snake.length(), LONGEST_APP));
    }

    @Override
    public ParsedName parse(String text) {
        int bytes = text.getBytes(UTF_8).length;
        if (bytes > LONGEST) {
            return new ParsedName.TooLong(bytes, LONGEST);
        }
        return GIVEN.matcher(text).matches() || GENERATED.matcher(text).matches()
                ? new ParsedName.Valid(new BackupKey(text))
                : new ParsedName.Malformed("[a-z0-9_-]+.zip");
    }

    /**
     * Whatever it is called: clients restore what they have uploaded under the name that they sent. See {@code
     * docs/contracts/pocketbase.md#upload}.
     */
    @Override
    public Optional<BackupKey> fitting(String filename) {
        return BackupKey.isValid(filename) ? Optional.of(new BackupKey(filename)) : Optional.empty();
    }

    /** Any zip: PocketBase lists every file in its storage. */
    @Override
    public boolean acceptsExternal(String filename) {
        return filename.toLowerCase(Locale.ROOT).endsWith(".zip");
    }

    @Override
    public Optional<Instant> time(BackupKey key) {
        Matcher matcher = GENERATED.matcher(key.value());
        return matcher.matches() ? STAMP.read(matcher.group(2)) : Optional.empty();
    }

    @Override
    public Layout layout(BackupKey key) {
        return Layout.POCKETBASE_ZIP;
    }

    /** Never: a taken name gets a number. */
    @Override
    public boolean isOnlyName(BackupKey key) {
        return false;
    }

    @Override
    public boolean isAutomatic(BackupKey key) {
        return key.value().startsWith(AUTOMATIC);
    }
}
