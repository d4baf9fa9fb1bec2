package dev.holdfast.files.archive;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.Contents;
import dev.holdfast.application.archive.DatabaseConverter;
import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.operation.SilentMonitor;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.files.archive.directory.ProtectedPaths;
import dev.holdfast.files.archive.directory.SourceTree;
import dev.holdfast.files.archive.layout.Dispatcharr;
import dev.holdfast.files.archive.layout.PocketBase;
import dev.holdfast.files.archive.member.ArchiveErrors;
import dev.holdfast.files.archive.member.ArchiveWarnings;
import dev.holdfast.files.archive.member.Attributes;
import dev.holdfast.files.archive.member.LeftOutNames;
import dev.holdfast.files.archive.member.ManifestWriter;
import dev.holdfast.files.archive.member.MemberNames;
import dev.holdfast.files.archive.member.MemberWriter;
import dev.holdfast.files.archive.member.Owner;
import dev.holdfast.files.archive.tar.GzipOutput;
import dev.holdfast.files.archive.tar.TarOutput;
import dev.holdfast.files.archive.zip.ZipOutput;
import dev.holdfast.tree.FileOwners;
import dev.holdfast.tree.RealPath;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/** Writes one archive. */
final class ArchiveWriter {
    /** The zip's comment, which vouches for the manifest in it. */
    static final String COMMENT = "holdfast-manifest sha256:";

    private static final int OWNER_ONLY = 0600;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final DateTimeFormatter PYTHON_TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx");
    private static final DateTimeFormatter PYTHON_SECONDS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx");

    private final Contents contents;
    private final OutputStream out;
    private final ProgressMonitor work;
    private final DatabaseConverter forms;
    private final PathRestrictions boundaries;
    private final Path folder;
    private final ArchiveWarnings notes = new ArchiveWarnings();
    private final List<String> missingDirectories = new ArrayList<>();
    private final Set<Path> incomplete = new LinkedHashSet<>();
    private final LeftOutNames leftOut = new LeftOutNames();
    private final Attributes made;

    /** @param folder private scratch for this archive alone */
    ArchiveWriter(
            Contents contents,
            OutputStream out,
            ProgressMonitor work,
            DatabaseConverter forms,
            PathRestrictions boundaries,
            Path folder) {
        this.contents = contents;
        this.out = out;
        this.work = work;
        this.forms = forms;
        this.boundaries = boundaries;
        this.folder = folder;
        made = new Attributes(OWNER_ONLY, FileTime.from(contents.at()), null);
    }

    Archives.Written write(Layout layout) throws IOException {
        switch (layout) {
            case SQLITE -> throw new IllegalArgumentException("layout: SQLITE (expected: one that is an archive)");
            case POCKETBASE_ZIP -> pocketBaseZip();
            case DISPATCHARR_ZIP -> dispatcharrZip();
            case DISPATCHARR_TAR_GZ -> dispatcharrTarGz();
        }
        return new Archives.Written(notes.remark(), List.copyOf(incomplete));
    }

    private void pocketBaseZip() throws IOException {
        main();
        List<SourceTree> trees = trees("");
        requireDistinctNames(trees);
        work.enter(Phase.COPYING, imageBytes(contents.databases()) + bytes(trees));
        try (ZipOutput zip = new ZipOutput(out, level(contents.compression()), folder.resolve("central"));
                ManifestWriter manifest = new ManifestWriter(folder.resolve("manifest"), contents.at())) {
            MemberWriter members = new MemberWriter(zip, manifest, work);
            for (DatabaseImage database : contents.databases()) {
                image(members, memberName(database.file()), database);
            }
            members.flush();
            contents.databasesRead().run();
            directories(members, trees);
            zip.finish(COMMENT + manifest(members, manifest).hex());
        }
    }

    private void dispatcharrZip() throws IOException {
        DatabaseImage main = main();
        if (main == null) {
            throw new ProblemException(
                    Problem.SourceNotFound.missing(contents.source().main()));
        }
        noteOtherDatabases();
        for (Path directory : contents.source().directories()) {
            notes.add(directory + " has no place in this layout and was left out");
        }
        work.enter(Phase.COPYING, main.image().size());
        try (ZipOutput zip = new ZipOutput(out, level(contents.compression()), folder.resolve("central"));
                ManifestWriter manifest = new ManifestWriter(folder.resolve("manifest"), contents.at())) {
            MemberWriter members = new MemberWriter(zip, manifest, work);
            MemberWriter.Written written = image(members, Dispatcharr.ZIP_DATABASE, main);
            members.flush();
            contents.databasesRead().run();
            ObjectNode metadata = JSON.createObjectNode()
                    .put("format", Dispatcharr.FORMAT)
                    .put("version", 2)
                    .put("database_type", "sqlite")
                    .put("database_file", Dispatcharr.ZIP_DATABASE)
                    .put("created_at", time(PYTHON_TIME, contents.at()));
            metadata.putObject(Dispatcharr.OWN)
                    .put("size", written.read())
                    .put("sha256", written.sha256().hex());
            made(members, Dispatcharr.METADATA, JSON.writeValueAsBytes(metadata));
            zip.finish("");
        }
    }

    private void dispatcharrTarGz() throws IOException {
        DatabaseImage main = main();
        noteOtherDatabases();
        List<SourceTree> trees = trees(Dispatcharr.DATA);
        requireDistinctNames(trees);
        work.enter(Phase.COPYING, (main == null ? 0 : main.image().size()) + bytes(trees));
        Path dump = main == null || contents.verbatim() ? null : dump(main);
        try (GzipOutput gzip = new GzipOutput(out, level(contents.compression()));
                ManifestWriter manifest = new ManifestWriter(folder.resolve("manifest"), contents.at())) {
            TarOutput tar = new TarOutput(gzip);
            MemberWriter members = new MemberWriter(tar, manifest, work);
            if (dump != null) {
                try (InputStream in = Files.newInputStream(dump)) {
                    members.list(
                            Dispatcharr.DUMP,
                            members.unlisted(
                                    Dispatcharr.DUMP,
                                    Files.size(dump),
                                    attributes(contents.source().main()),
                                    in));
                }
                Files.delete(dump);
            } else if (main != null) {
                image(members, Dispatcharr.TAR_DATABASE, main);
                members.flush();
                contents.databasesRead().run();
            }
            byte[] description = JSON.writeValueAsBytes(description());
            members.list(Dispatcharr.MANIFEST, made(members, Dispatcharr.MANIFEST, description));
            if (!trees.isEmpty()) {
                members.directory("data", new Attributes(0755, made.modified(), null));
            }
            directories(members, trees);
            manifest(members, manifest);
            tar.finish();
            gzip.finish();
        }
    }

    /** A tar has to say how long the dump is before the first byte of it. */
    private Path dump(DatabaseImage main) throws IOException {
        Path copy = folder.resolve("copy.db");
        FullDisk.require(folder, main.image().size());
        try (InputStream in = open(main);
                OutputStream to = Files.newOutputStream(copy, StandardOpenOption.CREATE_NEW)) {
            requireWhole(main, copy(in, to, main.file()));
        }
        contents.databasesRead().run();
        Path dump = folder.resolve("dump.json");
        try (OutputStream to = Files.newOutputStream(dump, StandardOpenOption.CREATE_NEW)) {
            forms.dump(copy, to, new SilentMonitor(work));
        } catch (DatabaseConverter.DamagedException e) {
            throw new ProblemException(new Problem.SourceCorrupt(String.valueOf(e.getMessage())), e);
        } catch (DatabaseConverter.UnfitException e) {
            throw new ProblemException(new Problem.BackupIncompatible(String.valueOf(e.getMessage())), e);
        }
        Files.delete(copy);
        return dump;
    }

    private long copy(InputStream in, OutputStream to, Path shown) throws IOException {
        byte[] chunk = new byte[1 << 20];
        long copied = 0;
        while (true) {
            int count;
            try {
                count = in.readNBytes(chunk, 0, chunk.length);
            } catch (IOException e) {
                throw ArchiveErrors.unreadable(shown.toString(), e);
            }
            if (count == 0) {
                return copied;
            }
            to.write(chunk, 0, count);
            copied += count;
            work.advance(count);
        }
    }

    private ObjectNode description() {
        Source source = contents.source();
        ObjectNode description = JSON.createObjectNode()
                .put("format", Dispatcharr.FORMAT)
                .put("version", 1)
                .put("created_at", time(PYTHON_SECONDS, contents.at().truncatedTo(ChronoUnit.SECONDS)))
                .putNull("dispatcharr_version");
        ArrayNode there = description.putArray("data_directories");
        ArrayNode missing = description.putArray("missing_directories");
        for (Path directory : source.directories()) {
            (Files.isDirectory(directory) ? there : missing).add(directory.toString());
        }
        boolean recordings =
                source.directories().stream().anyMatch(it -> lastName(it).equalsIgnoreCase(Dispatcharr.RECORDINGS));
        if (contents.verbatim()) {
            description.putNull("database_dump").put("database_file", Dispatcharr.TAR_DATABASE);
        } else {
            description.put("database_dump", Dispatcharr.DUMP);
        }
        description.put("include_recordings", recordings);
        description.putObject("schedule");
        return description;
    }

    private static String time(DateTimeFormatter format, Instant at) {
        return format.format(at.atOffset(ZoneOffset.UTC));
    }

    private @Nullable DatabaseImage main() {
        Path main = contents.source().main();
        for (DatabaseImage database : contents.databases()) {
            if (database.file().equals(main)) {
                return database;
            }
        }
        notes.add(main + " is missing");
        return null;
    }

    private void noteOtherDatabases() {
        contents.databases().stream()
                .map(DatabaseImage::file)
                .filter(it -> !it.equals(contents.source().main()))
                .forEach(it -> notes.add(it + " has no place in this layout and was left out"));
    }

    private MemberWriter.Written image(MemberWriter members, String name, DatabaseImage database) throws IOException {
        try (InputStream in = open(database)) {
            MemberWriter.Written written = members.file(name, database.image().size(), attributes(database.file()), in);
            requireWhole(database, written.read());
            return written;
        }
    }

    /** Whose the database is, for a restore to where it is missing. */
    private Attributes attributes(Path database) {
        return FileOwners.of(database)
                .map(it -> new Attributes(it.mode(), made.modified(), Owner.of(it.uid(), it.gid())))
                .orElse(made);
    }

    private static InputStream open(DatabaseImage database) {
        try {
            return database.image().open();
        } catch (IOException e) {
            throw ArchiveErrors.unreadable(database.file().toString(), e);
        }
    }

    private static void requireWhole(DatabaseImage database, long read) {
        if (read != database.image().size()) {
            throw new ProblemException(new Problem.SourceCorrupt(database.file() + " ended at " + read + " of "
                    + database.image().size() + " bytes."));
        }
    }

    private static MemberWriter.Written made(MemberWriter members, String name, byte[] text, Attributes attributes)
            throws IOException {
        return members.unlisted(name, text.length, attributes, new ByteArrayInputStream(text));
    }

    private MemberWriter.Written made(MemberWriter members, String name, byte[] text) throws IOException {
        return made(members, name, text, made);
    }

    private Sha256 manifest(MemberWriter members, ManifestWriter manifest) throws IOException {
        Path file = manifest.finish(notes, missingDatabases(), missingDirectories, leftOut);
        try (InputStream in = Files.newInputStream(file)) {
            return members.unlisted(MemberNames.OWN_MANIFEST, Files.size(file), made, in)
                    .sha256();
        }
    }

    private List<String> missingDatabases() {
        return contents.source().databaseFiles().stream()
                .filter(it -> contents.databases().stream()
                        .noneMatch(there -> there.file().equals(it)))
                .map(this::memberName)
                .toList();
    }

    private List<SourceTree> trees(String prefix) throws IOException {
        ProtectedPaths border = ProtectedPaths.of(contents.source(), boundaries);
        List<SourceTree> trees = new ArrayList<>();
        for (Path directory : contents.source().directories()) {
            try {
                if (Files.isDirectory(directory.toRealPath())) {
                    trees.add(new SourceTree(directory, prefix + lastName(directory), border));
                } else {
                    notes.add(lastName(directory) + " is no directory and was left out");
                }
            } catch (NoSuchFileException e) {
                SourceTree.requireAllowed(border, directory, RealPath.of(directory));
                notes.add(lastName(directory) + " is missing");
                missingDirectories.add(lastName(directory));
            } catch (IOException e) {
                throw ArchiveErrors.unreadable(directory.toString(), e);
            }
        }
        return trees;
    }

    private void requireDistinctNames(List<SourceTree> trees) {
        Set<String> names = new HashSet<>(Set.of(MemberNames.OWN_MANIFEST));
        List<String> all = new ArrayList<>();
        contents.databases().forEach(it -> all.add(memberName(it.file())));
        trees.forEach(it -> all.add(it.name()));
        for (String name : all) {
            if (MemberNames.fault(name) != null || !names.add(name)) {
                throw new ProblemException(new Problem.InvalidArgument(
                        "database",
                        "The source has two parts that would both be called " + MemberNames.shown(name)
                                + " in its archive, or one that cannot be called so; rename one."));
            }
        }
    }

    private String memberName(Path database) {
        return database.equals(contents.source().main()) ? PocketBase.MAIN : lastName(database);
    }

    private static String lastName(Path path) {
        return requireNonNull(path.getFileName(), "a source's paths have names").toString();
    }

    private static long imageBytes(List<DatabaseImage> databases) {
        return databases.stream().mapToLong(it -> it.image().size()).sum();
    }

    private long bytes(List<SourceTree> trees) throws IOException {
        long[] sum = {0};
        for (SourceTree tree : trees) {
            tree.walk(new SourceTree.Visitor() {
                @Override
                public void directory(String name, Attributes attributes) {
                    work.checkCancelled();
                }

                @Override
                public void file(String name, SourceTree.Entry entry) {
                    sum[0] += entry.size();
                }

                @Override
                public void leftOut(String name, String encoded, String why) {}
            });
        }
        return sum[0];
    }

    private void directories(MemberWriter members, List<SourceTree> trees) throws IOException {
        for (SourceTree tree : trees) {
            tree.walk(new SourceTree.Visitor() {
                @Override
                public void directory(String name, Attributes attributes) throws IOException {
                    members.directory(name, attributes);
                }

                @Override
                public void file(String name, SourceTree.Entry entry) throws IOException {
                    add(members, tree, name, entry);
                }

                @Override
                public void leftOut(String name, String encoded, String why) {
                    note(tree, name, why);
                    leftOut.add(encoded.isEmpty() ? tree.name() : tree.name() + "/" + encoded);
                }
            });
        }
        members.flush();
    }

    private void note(SourceTree tree, String name, String what) {
        notes.add(name + " " + what);
        incomplete.add(tree.shown());
    }

    private void add(MemberWriter members, SourceTree tree, String name, SourceTree.Entry entry) throws IOException {
        MemberWriter.Written written;
        try (InputStream in = open(name, entry)) {
            written = members.file(name, entry.size(), entry.attributes(), in);
        }
        String change = entry.change();
        if (change == null && written.read() != entry.size()) {
            change = "changed while it was read";
        }
        if (change != null) {
            note(tree, name, change);
        }
    }

    private static InputStream open(String name, SourceTree.Entry entry) throws IOException {
        try {
            return entry.open();
        } catch (NoSuchFileException | AccessDeniedException e) {
            throw e; // it is left out
        } catch (IOException e) {
            throw ArchiveErrors.unreadable(name, e);
        }
    }

    private static int level(Compression compression) {
        return switch (compression) {
            case NONE -> Deflater.NO_COMPRESSION;
            case FAST -> Deflater.BEST_SPEED;
            case BEST -> Deflater.BEST_COMPRESSION;
        };
    }
}
