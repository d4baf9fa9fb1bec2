package dev.holdfast.dialects.dispatcharr.settings;

import dev.holdfast.application.database.SourceOverrides;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What a client of the job API has chosen of a backup's content. Kept as lines, so that it is read without anything else.
 *
 * @param tarGz whether the schedule was set over the job API, so that planned backups are that API's archives
 * @param recordings whether new backups hold directories of that name
 */
public record DirectoryChoice(boolean tarGz, boolean recordings, List<Path> extra) {
    private static final String DOCUMENT = "dispatcharr.directories";
    private static final String RECORDINGS = "recordings";
    private static final String TAR_GZ_LINE = "archives=tar.gz";
    private static final String NO_RECORDINGS_LINE = "recordings=no";
    private static final String EXTRA_LINE = "extra=";
    private static final DirectoryChoice NONE = new DirectoryChoice(false, true, List.of());

    public DirectoryChoice {
        extra = List.copyOf(extra);
    }

    /** For all that asks for databases. In force for the database that the dialect serves now, and no other. */
    public static SourceOverrides keptIn(DialectDocuments documents, Dialects dialects) {
        return database ->
                isOf(dialects, database) ? find(documents, database).asChoice() : SourceOverrides.Choice.NONE;
    }

    private static boolean isOf(Dialects dialects, DatabaseName database) {
        return dialects.serves(Dialect.DISPATCHARR)
                && dialects.database(Dialect.DISPATCHARR).equals(database.value());
    }

    /** What was kept and cannot be applied as the settings are now, in a sentence each for a person. */
    public static List<String> remarks(
            DialectDocuments documents,
            Dialects dialects,
            Collection<DatabaseName> databases,
            DispatcharrPlaces places) {
        List<String> remarks = new ArrayList<>();
        for (DatabaseName database : databases) {
            Optional<String> kept = documents.find(database, DOCUMENT).filter(it -> !it.isBlank());
            if (kept.isPresent() && !isOf(dialects, database)) {
                remarks.add(
                        "Database " + database + ": directories that a client of Dispatcharr's API has chosen are not"
                                + " in force, for that API does not serve this database any more.");
            } else if (kept.isPresent()) {
                kept.get()
                        .lines()
                        .filter(it -> it.startsWith(EXTRA_LINE) && path(it).isEmpty())
                        .forEach(it ->
                                remarks.add("Database " + database + ": a directory that a client has chosen is no"
                                        + " path in this server's locale, and is left out of backups; start it with a UTF-8"
                                        + " locale: " + it.substring(EXTRA_LINE.length())));
                places.refusal(find(documents, database).extra())
                        .ifPresent(
                                it -> remarks.add("Database " + database + ": what a client has chosen as extra_paths"
                                        + " cannot be backed up as the settings are now: " + it));
            }
        }
        return remarks;
    }

    static DirectoryChoice find(DialectDocuments documents, DatabaseName database) {
        return documents.find(database, DOCUMENT).map(DirectoryChoice::read).orElse(NONE);
    }

    private static DirectoryChoice read(String text) {
        boolean tarGz = false;
        boolean recordings = true;
        List<Path> extra = new ArrayList<>();
        for (String line : text.lines().toList()) {
            tarGz |= line.equals(TAR_GZ_LINE);
            recordings &= !line.equals(NO_RECORDINGS_LINE);
            if (line.startsWith(EXTRA_LINE)) {
                path(line).ifPresent(extra::add);
            }
        }
        return new DirectoryChoice(tarGz, recordings, extra);
    }

    /** Empty if it is none here: what is a path depends on the locale that the server was started in. */
    private static Optional<Path> path(String extraLine) {
        try {
            return Optional.of(Path.of(extraLine.substring(EXTRA_LINE.length())));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    void keep(DialectDocuments documents, DatabaseName database) {
        var lines = new ArrayList<String>();
        if (tarGz) {
            lines.add(TAR_GZ_LINE);
        }
        if (!recordings) {
            lines.add(NO_RECORDINGS_LINE);
        }
        extra.forEach(it -> lines.add(EXTRA_LINE + it));
        documents.keep(database, DOCUMENT, String.join("\n", lines));
    }

    DirectoryChoice withTarGz(boolean newTarGz) {
        return new DirectoryChoice(newTarGz, recordings, extra);
    }

    /** The names, as clients know them, of what is not as it was in {@code before}. */
    List<String> changesOf(DirectoryChoice before) {
        List<String> names = new ArrayList<>();
        if (!extra.equals(before.extra)) {
            names.add("extra_paths");
        }
        if (recordings != before.recordings) {
            names.add("include_recordings");
        }
        return names;
    }

    private SourceOverrides.Choice asChoice() {
        return equals(NONE)
                ? SourceOverrides.Choice.NONE
                : new SourceOverrides.Choice(
                        extra,
                        tarGz ? Optional.of(Layout.DISPATCHARR_TAR_GZ) : Optional.empty(),
                        it -> !recordings && String.valueOf(it.getFileName()).equalsIgnoreCase(RECORDINGS));
    }
}
