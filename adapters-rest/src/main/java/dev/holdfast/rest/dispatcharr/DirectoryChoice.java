package dev.holdfast.rest.dispatcharr;

import dev.holdfast.application.database.SourceChoices;
import dev.holdfast.application.settings.Documents;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.DatabaseName;
import java.nio.file.Path;
import java.util.ArrayList;
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

    /** For all that asks for databases. */
    public static SourceChoices keptIn(Documents documents) {
        return database -> find(documents, database).asChoice();
    }

    static DirectoryChoice find(Documents documents, DatabaseName database) {
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
                extra.add(Path.of(line.substring(EXTRA_LINE.length())));
            }
        }
        return new DirectoryChoice(tarGz, recordings, extra);
    }

    void keep(Documents documents, DatabaseName database) {
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

    private SourceChoices.Choice asChoice() {
        return equals(NONE)
                ? SourceChoices.Choice.NONE
                : new SourceChoices.Choice(
                        extra,
                        tarGz ? Optional.of(Layout.DISPATCHARR_TAR_GZ) : Optional.empty(),
                        it -> !recordings && String.valueOf(it.getFileName()).equalsIgnoreCase(RECORDINGS));
    }
}
