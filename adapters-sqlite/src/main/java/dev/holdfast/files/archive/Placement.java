package dev.holdfast.files.archive;

import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Which member of an archive is which part of the source. */
final class Placement {
    /** Newer versions of PocketBase have renamed it. */
    private static final Map<String, String> OTHER_NAMES = Map.of("aux.db", "auxiliary.db", "auxiliary.db", "aux.db");

    private final Map<String, Path> databases = new HashMap<>();
    private final Map<String, Path> directories = new HashMap<>();
    private final String above;
    private final boolean dumped;
    private final String described;

    private Placement(Source source, Layout layout, String mainName) {
        dumped = layout == Layout.DISPATCHARR_TAR_GZ;
        above = dumped ? Dispatcharr.DATA : "";
        described = dumped ? Dispatcharr.MANIFEST : layout == Layout.DISPATCHARR_ZIP ? Dispatcharr.METADATA : "";
        databases.put(mainName, source.main());
        if (layout == Layout.POCKETBASE_ZIP) {
            source.extraFiles().forEach(it -> databases.putIfAbsent(lastName(it), it));
            for (Path extra : source.extraFiles()) {
                String other = OTHER_NAMES.get(lastName(extra));
                if (other != null) {
                    databases.putIfAbsent(other, extra);
                }
            }
        }
        if (layout != Layout.DISPATCHARR_ZIP) {
            source.directories().forEach(it -> directories.putIfAbsent(lastName(it), it));
        }
    }

    /** @param mainName what the archive calls the main database, where that is no dump */
    static Placement of(Source source, Layout layout, String mainName) {
        return new Placement(source, layout, mainName);
    }

    Place of(Member member) throws RefusedException {
        String name = member.name();
        if (!member.directory() && !name.contains("/")) {
            return rootFile(name);
        }
        if (name.startsWith(above)) {
            String below = name.substring(above.length());
            int slash = below.indexOf('/');
            String first = slash < 0 ? below : below.substring(0, slash);
            Path directory = directories.get(first);
            if (directory != null && (slash >= 0 || member.directory())) {
                return new Place.InDirectory(directory, slash < 0 ? "" : below.substring(slash + 1));
            }
            return new Place.Unknown(above + first);
        }
        return (name + "/").equals(above) ? new Place.Nowhere() : new Place.Unknown(name);
    }

    private Place rootFile(String name) throws RefusedException {
        Path database = databases.get(name);
        if (database != null) {
            return new Place.Database(database);
        }
        if (dumped && name.equals(Dispatcharr.DUMP)) {
            return new Place.Dump();
        }
        if (name.equals(described) || (dumped && name.equals(Names.OWN_MANIFEST))) {
            return new Place.Nowhere();
        }
        int dash = name.lastIndexOf('-');
        Path beside = dash < 0 ? null : databases.get(name.substring(0, dash));
        if (beside != null) {
            return switch (name.substring(dash)) {
                case "-wal" -> new Place.Log(beside);
                case "-shm" -> new Place.Nowhere();
                case "-journal" ->
                    throw RefusedException.unfit(
                            "beside a database is the journal of a change that was not complete: " + Names.shown(name));
                default -> new Place.Unknown(name);
            };
        }
        return new Place.Unknown(name);
    }

    private static String lastName(Path path) {
        return requireNonNull(path.getFileName(), "a source's paths have names").toString();
    }
}
