package dev.holdfast.files.archive.layout;

import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.files.archive.member.ArchiveRejectedException;
import dev.holdfast.files.archive.member.Member;
import dev.holdfast.files.archive.member.MemberNames;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Which member of an archive is which part of the source. */
public final class MemberMapping {
    /** Newer versions of PocketBase have renamed it. */
    private static final Map<String, String> OTHER_NAMES = Map.of("aux.db", "auxiliary.db", "auxiliary.db", "aux.db");

    private final Map<String, Path> databases = new HashMap<>();
    private final Map<String, Path> directories = new HashMap<>();
    private final String above;
    private final boolean dumped;
    private final String described;

    private MemberMapping(Source source, Layout layout, String mainName) {
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
    public static MemberMapping of(Source source, Layout layout, String mainName) {
        return new MemberMapping(source, layout, mainName);
    }

    public MemberDestination of(Member member) throws ArchiveRejectedException {
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
                return new MemberDestination.InDirectory(directory, slash < 0 ? "" : below.substring(slash + 1));
            }
            return new MemberDestination.Unknown(above + first);
        }
        return (name + "/").equals(above) ? new MemberDestination.Nowhere() : new MemberDestination.Unknown(name);
    }

    private MemberDestination rootFile(String name) throws ArchiveRejectedException {
        Path database = databases.get(name);
        if (database != null) {
            return new MemberDestination.Database(database);
        }
        if (dumped && name.equals(Dispatcharr.DUMP)) {
            return new MemberDestination.Dump();
        }
        if (name.equals(described) || (dumped && name.equals(MemberNames.OWN_MANIFEST))) {
            return new MemberDestination.Nowhere();
        }
        int dash = name.lastIndexOf('-');
        Path beside = dash < 0 ? null : databases.get(name.substring(0, dash));
        if (beside != null) {
            return switch (name.substring(dash)) {
                case "-wal" -> new MemberDestination.Log(beside);
                case "-shm" -> new MemberDestination.Nowhere();
                case "-journal" ->
                    throw ArchiveRejectedException.unfit(
                            "beside a database is the journal of a change that was not complete: "
                                    + MemberNames.shown(name));
                default -> new MemberDestination.Unknown(name);
            };
        }
        return new MemberDestination.Unknown(name);
    }

    private static String lastName(Path path) {
        return requireNonNull(path.getFileName(), "a source's paths have names").toString();
    }
}
