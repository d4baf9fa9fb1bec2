package dev.holdfast.domain.profile;

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
 * {@code dispatcharr-backup-YYYY.MM.DD.HH.MM.SS.zip}, or {@code dispatcharr-backup-YYYYMMDDTHHMMSSZ.tar.gz}
 * ({@code docs/contracts/dispatcharr.md#names}). A taken name gets {@code -1}, {@code -2} and so on, where the released
 * original overwrites a zip.
 */
record DispatcharrNaming() implements Naming {
    private static final Pattern ZIP = Pattern.compile("dispatcharr-backup-(.+)\\.zip");
    private static final Pattern ZIP_TIME = Pattern.compile("(\\d{4}(?:\\.\\d{2}){5})(?:-\\d{1,9})?");
    private static final Pattern TAR = Pattern.compile("dispatcharr-backup-(\\d{8}T\\d{6}Z)(?:-\\d{1,9})?\\.tar\\.gz");
    private static final Stamp ZIP_STAMP = new Stamp("uuuu.MM.dd.HH.mm.ss");
    private static final Stamp TAR_STAMP = new Stamp("uuuuMMdd'T'HHmmss'Z'");
    private static final int LAST_SUFFIX = 9_999;

    @Override
    public Stream<BackupKey> proposals(Origin origin, Layout layout, Instant at) {
        boolean tar = layout == Layout.DISPATCHARR_TAR_GZ;
        String base = "dispatcharr-backup-" + (tar ? TAR_STAMP : ZIP_STAMP).write(at);
        String end = tar ? ".tar.gz" : ".zip";
        return IntStream.rangeClosed(0, LAST_SUFFIX)
                .mapToObj(n -> new BackupKey(n == 0 ? base + end : base + "-" + n + end));
    }

    /**
     * An uploaded {@code dispatcharr-backup-….zip} is listed whatever stands in the middle. See {@code
     * docs/contracts/dispatcharr.md#list}.
     */
    @Override
    public ParsedName parse(String text) {
        return BackupKey.isValid(text)
                        && (ZIP.matcher(text).matches() || TAR.matcher(text).matches())
                ? new ParsedName.Valid(new BackupKey(text))
                : new ParsedName.Malformed(
                        "dispatcharr-backup-YYYY.MM.DD.HH.MM.SS.zip or dispatcharr-backup-YYYYMMDDTHHMMSSZ.tar.gz");
    }

    /**
     * Any name with one of the two ends, as the original has it, though it lists only its own. See {@code
     * docs/contracts/dispatcharr.md#upload}.
     */
    @Override
    public Optional<BackupKey> fitting(String filename) {
        boolean archive = filename.endsWith(".zip") || filename.endsWith(".tar.gz");
        return archive && BackupKey.isValid(filename) ? Optional.of(new BackupKey(filename)) : Optional.empty();
    }

    @Override
    public boolean acceptsExternal(String filename) {
        return filename.toLowerCase(Locale.ROOT).endsWith(".zip") || isTar(filename);
    }

    private static boolean isTar(String filename) {
        String lower = filename.toLowerCase(Locale.ROOT);
        return lower.endsWith(".tar.gz") || lower.endsWith(".tgz");
    }

    @Override
    public Optional<Instant> time(BackupKey key) {
        Matcher tar = TAR.matcher(key.value());
        if (tar.matches()) {
            return TAR_STAMP.read(tar.group(1));
        }
        Matcher zip = ZIP.matcher(key.value());
        if (!zip.matches()) {
            return Optional.empty();
        }
        Matcher time = ZIP_TIME.matcher(zip.group(1));
        return time.matches() ? ZIP_STAMP.read(time.group(1)) : Optional.empty();
    }

    @Override
    public Layout layout(BackupKey key) {
        return isTar(key.value()) ? Layout.DISPATCHARR_TAR_GZ : Layout.DISPATCHARR_ZIP;
    }

    /** Never: a taken name gets a number. */
    @Override
    public boolean isOnlyName(BackupKey key) {
        return false;
    }

    /** Never: the name does not tell who asked. */
    @Override
    public boolean isAutomatic(BackupKey key) {
        return false;
    }
}
