package dev.holdfast.files.archive;

import static dev.holdfast.files.archive.member.ArchiveRejectedException.damaged;
import static dev.holdfast.files.archive.member.ArchiveRejectedException.tooLarge;
import static dev.holdfast.files.archive.member.ArchiveRejectedException.unfit;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.DatabaseConverter;
import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.operation.SilentMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.files.archive.directory.PrivateFile;
import dev.holdfast.files.archive.directory.ProtectedPaths;
import dev.holdfast.files.archive.directory.ReadBack;
import dev.holdfast.files.archive.directory.ScratchSpace;
import dev.holdfast.files.archive.directory.Staging;
import dev.holdfast.files.archive.directory.UnpackedParts;
import dev.holdfast.files.archive.directory.UnrecordedFiles;
import dev.holdfast.files.archive.layout.Dispatcharr;
import dev.holdfast.files.archive.layout.MemberDestination;
import dev.holdfast.files.archive.layout.MemberMapping;
import dev.holdfast.files.archive.layout.Metadata;
import dev.holdfast.files.archive.layout.PocketBase;
import dev.holdfast.files.archive.member.ArchiveRejectedException;
import dev.holdfast.files.archive.member.ArchiveWarnings;
import dev.holdfast.files.archive.member.Attributes;
import dev.holdfast.files.archive.member.LeftOutNames;
import dev.holdfast.files.archive.member.Member;
import dev.holdfast.files.archive.member.MemberChecksums;
import dev.holdfast.files.archive.member.MemberNames;
import dev.holdfast.files.archive.member.Members;
import dev.holdfast.files.archive.member.Owner;
import dev.holdfast.files.archive.member.PackedInput;
import dev.holdfast.files.archive.member.SeenMemberNames;
import dev.holdfast.files.archive.tar.GzipInput;
import dev.holdfast.files.archive.tar.TarMembers;
import dev.holdfast.files.archive.zip.ZipIndex;
import dev.holdfast.files.archive.zip.ZipMembers;
import dev.holdfast.files.archive.zip.ZipRecord;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Takes one archive apart. */
final class ArchiveReader {
    private static final long ROOM_STEP = 64L << 20;

    private final Artifact archive;
    private final Layout layout;
    private final Source source;
    private final Extent extent;
    /** Whether Holdfast wrote it: whoever else did may not give files to root. */
    private final boolean trusted;

    private final Tally tally;
    private final ProgressMonitor work;
    private final DatabaseConverter forms;
    private final PathRestrictions boundaries;
    private final ScratchSpace.Folder folder;
    private final MessageDigest digest = Sha256.newDigest();
    private final Map<Path, Path> databases = new HashMap<>();
    private final Map<Path, FileOwnership> ownerships = new HashMap<>();
    private final Set<Path> logs = new HashSet<>();
    private final Map<Path, Staging> stagings = new HashMap<>();
    private final Set<Path> inArchive = new HashSet<>();
    private final ArchiveWarnings unknown = new ArchiveWarnings();
    private final ArchiveWarnings passedOver = new ArchiveWarnings();
    private final ArchiveWarnings obstacles = new ArchiveWarnings();
    /** Databases that were not there when the archive was made. */
    private final Set<String> missingDatabases = new HashSet<>();

    /** Likewise directories, as far as the archive says. */
    private final Set<String> missingDirectories = new HashSet<>();

    private LeftOutNames leftOut = new LeftOutNames();
    private String lastUnknown = "";
    private boolean ofOldPocketBase;

    /** Or by a program that does as PocketBase does. */
    private boolean madeByPocketBase;

    ArchiveReader(
            Artifact archive,
            Layout layout,
            Source source,
            Extent extent,
            UnpackLimits limits,
            ProgressMonitor work,
            DatabaseConverter forms,
            PathRestrictions boundaries,
            ScratchSpace.Folder folder) {
        this.archive = archive;
        this.layout = layout;
        this.source = source;
        this.extent = extent;
        this.work = work;
        this.forms = forms;
        this.boundaries = boundaries;
        this.folder = folder;
        trusted = limits.equals(UnpackLimits.NONE);
        tally = new Tally(limits, archive.size());
    }

    /** Leaves nothing outside the folder if it fails; {@link UnpackedParts} has to be closed otherwise. */
    UnpackedParts read() throws IOException {
        boolean whole = false;
        try {
            switch (layout) {
                case SQLITE -> throw new IllegalArgumentException("layout: SQLITE (expected: one that is an archive)");
                case POCKETBASE_ZIP -> pocketBaseZip();
                case DISPATCHARR_ZIP -> dispatcharrZip();
                case DISPATCHARR_TAR_GZ -> dispatcharrTarGz();
            }
            UnpackedParts parts = parts();
            whole = true;
            return parts;
        } finally {
            if (!whole) {
                UnpackedParts.discard(stagings.values());
            }
        }
    }

    private void pocketBaseZip() throws IOException {
        ZipIndex index = ZipIndex.of(archive);
        survey(index, "");
        String vouched = index.comment().startsWith(ArchiveWriter.COMMENT)
                ? index.comment().substring(ArchiveWriter.COMMENT.length())
                : null;
        madeByPocketBase = vouched == null;
        members(
                new ZipMembers(index, work),
                MemberMapping.of(source, layout, PocketBase.MAIN),
                vouched,
                vouched != null);
        for (Path database : logs) {
            Path image = databases.get(database);
            if (image == null) {
                throw unfit("a write-ahead log is without its database");
            }
            absorb(image);
        }
    }

    private void absorb(Path image) throws IOException {
        try {
            forms.absorbLog(image, new SilentMonitor(work));
        } catch (DatabaseConverter.UnfitException e) {
            throw unfit("the write-ahead log of a database does not fit it: " + e.getMessage());
        }
    }

    private void dispatcharrZip() throws IOException {
        ZipIndex index = ZipIndex.of(archive);
        ZipRecord record = survey(index, Dispatcharr.METADATA);
        if (record == null) {
            throw unfit("metadata.json is missing");
        }
        Metadata metadata = Metadata.read(ZipMembers.read(index, record, Metadata.MOST_BYTES));
        members(new ZipMembers(index, work), MemberMapping.of(source, layout, metadata.databaseFile()), null, false);
        Path image = databases.get(source.main());
        if (image == null) {
            throw unfit("the main database is missing: " + MemberNames.shown(metadata.databaseFile()));
        }
        if (!logs.isEmpty()) {
            throw unfit("beside the database is a write-ahead log");
        }
        if (metadata.size() >= 0) {
            compare(image, metadata);
        }
    }

    private void compare(Path image, Metadata metadata) throws IOException {
        if (Files.size(image) != metadata.size() || !sha256(image).equals(metadata.sha256())) {
            throw damaged("the database has not the size or SHA-256 that metadata.json gives");
        }
    }

    private String sha256(Path file) throws IOException {
        digest.reset();
        byte[] chunk = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                work.checkCancelled();
                digest.update(chunk, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private void dispatcharrTarGz() throws IOException {
        PackedInput packed = PackedInput.open(archive, 0, work);
        GzipInput gzip;
        try {
            gzip = new GzipInput(packed, archive.size());
        } catch (IOException | RuntimeException e) {
            packed.close();
            throw e;
        }
        InputStream counted = tally.counting(gzip);
        members(
                new TarMembers(new BufferedInputStream(counted, 1 << 16)),
                MemberMapping.of(source, layout, Dispatcharr.TAR_DATABASE),
                null,
                true);
        if (!logs.isEmpty()) {
            throw unfit("beside the database is a write-ahead log");
        }
    }

    /** Refuses what the central directory tells already, before anything is unpacked. */
    private @Nullable ZipRecord survey(ZipIndex index, String wanted) throws IOException {
        tally.members(index.members());
        SeenMemberNames names = new SeenMemberNames();
        ZipRecord found = null;
        Tally declared = tally.fresh();
        try (ZipIndex.Records records = index.records()) {
            for (ZipRecord record = records.next(); record != null; record = records.next()) {
                work.checkCancelled();
                names.add(record.member().name(), record.member().directory());
                declared.bytes(record.member().size());
                if (record.member().name().equals(wanted) && !record.member().directory()) {
                    found = record;
                }
            }
        }
        return found;
    }

    /**
     * @param vouched the SHA-256 that the manifest has to have; null if nobody gives one
     * @param believed whether a manifest counts
     */
    private void members(Members from, MemberMapping placement, @Nullable String vouched, boolean believed)
            throws IOException {
        SeenMemberNames names = new SeenMemberNames();
        Path manifest = folder.file("manifest");
        String manifestDigest = null;
        long count = 0;
        try (Members members = from;
                MemberChecksums log = new MemberChecksums(folder.file("members"))) {
            for (Member member = members.next(); member != null; member = members.next()) {
                work.checkCancelled();
                tally.members(++count);
                if (manifestDigest != null) {
                    throw unfit("something follows the archive's own list");
                }
                names.add(member.name(), member.directory());
                tally.announced(member.size());
                MemberDestination place = member.special() ? special(member) : placement.of(member);
                digest.reset();
                try (Measured content = new Measured(members.content(), digest, tally)) {
                    if (believed && member.name().equals(MemberNames.OWN_MANIFEST) && !member.directory()) {
                        save(content, manifest);
                        content.rest();
                        manifestDigest = HexFormat.of().formatHex(digest.digest());
                    } else {
                        put(place, member, content);
                        content.rest();
                        log.add(member, content.count(), digest.digest());
                    }
                }
            }
            if (vouched != null && !vouched.equals(manifestDigest)) {
                throw damaged("the archive's own list is missing, or not the one that its comment names");
            }
            if (manifestDigest != null) {
                log.compare(manifest);
                missingDatabases.addAll(log.missingDatabases());
                missingDirectories.addAll(log.missingDirectories());
                leftOut = log.leftOut();
                Files.delete(manifest);
            }
        }
        Files.delete(folder.file("members"));
    }

    /** PocketBase passes over them when it restores: {@code docs/contracts/pocketbase.md#contents-of-a-zip}. */
    private MemberDestination special(Member member) throws ArchiveRejectedException {
        if (!madeByPocketBase) {
            throw unfit("the member " + MemberNames.shown(member.name()) + " is a link or no ordinary file");
        }
        passedOver.add(MemberNames.shown(member.name()));
        return new MemberDestination.Nowhere();
    }

    private void put(MemberDestination place, Member member, Measured content) throws IOException {
        switch (place) {
            case MemberDestination.Nowhere() -> {}
            case MemberDestination.Unknown(String shown) -> {
                ofOldPocketBase |= shown.equals(PocketBase.OLD_LOGS);
                if (!shown.equals(lastUnknown)) {
                    lastUnknown = shown;
                    unknown.add(MemberNames.shown(shown));
                }
            }
            case MemberDestination.Database(Path database) -> {
                note(database, member);
                save(content, image(database));
            }
            case MemberDestination.Log(Path database) -> log(database, member, content);
            case MemberDestination.Dump() -> {
                note(source.main(), member);
                load(content);
            }
            case MemberDestination.InDirectory(Path directory, String path) -> {
                inArchive.add(directory);
                stage(directory, path, member, content);
            }
        }
    }

    /** An archive that came from elsewhere, or that does not say whose a file is, gives none away. */
    private void note(Path database, Member member) {
        Owner owner = member.owner();
        if (trusted && owner != null && member.mode() >= 0) {
            ownerships.put(database, new FileOwnership(owner.uid(), owner.gid(), member.mode() & Attributes.FILE_BITS));
        }
    }

    private Path image(Path database) throws ArchiveRejectedException {
        Path image = folder.file("database-" + source.databaseFiles().indexOf(database));
        if (databases.put(database, image) != null) {
            throw unfit("a database is there under two names");
        }
        return image;
    }

    private void log(Path database, Member member, Measured content) throws IOException {
        if (member.size() == 0) {
            return;
        }
        if (!logs.add(database)) {
            throw unfit("a database's write-ahead log is there under two names");
        }
        save(content, folder.file("database-" + source.databaseFiles().indexOf(database) + "-wal"));
    }

    private void save(Measured content, Path file) throws IOException {
        byte[] chunk = new byte[1 << 16];
        var written = new ReadBack();
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long sinceRoom = ROOM_STEP;
            for (int count = content.read(chunk); count >= 0; count = content.read(chunk)) {
                if (sinceRoom >= ROOM_STEP) {
                    FullDisk.require(folder.path(), count);
                    sinceRoom = 0;
                }
                work.checkCancelled();
                ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, count);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                written.wrote(chunk, count);
                sinceRoom += count;
            }
            written.require(out, file);
        }
    }

    /** What is wrong with the archive itself comes before what is wrong with its dump. */
    private void load(Measured content) throws IOException {
        try {
            forms.load(content, image(source.main()), new SilentMonitor(work));
        } catch (DatabaseConverter.UnfitException | RuntimeException e) {
            content.rethrow();
            if (e instanceof RuntimeException failure) {
                throw failure;
            }
            content.rest();
            throw unfit("database.json cannot be loaded: " + e.getMessage());
        }
        content.rethrow();
    }

    private void stage(Path directory, String path, Member member, Measured content) throws IOException {
        if (!isNameHere(path)) {
            obstacles.add("the server's locale has no file of the name " + MemberNames.shown(member.name())
                    + "; start it with a UTF-8 locale");
            return;
        }
        if (extent == Extent.CHECK) {
            return;
        }
        Staging staging = staging(directory);
        Member allowed = trusted ? member : member.fromOutside();
        if (member.directory()) {
            staging.directory(path, allowed);
        } else {
            staging.file(path, allowed, content);
        }
    }

    private Staging staging(Path directory) throws IOException {
        Staging staging = stagings.get(directory);
        if (staging == null) {
            int number = source.directories().indexOf(directory);
            Path notes = folder.file("directory-" + number + ".notes");
            staging = extent == Extent.TRIAL
                    ? Staging.in(folder.file("directory-" + number), notes)
                    : Staging.nextTo(directory, real -> requireAllowed(directory, real), notes);
            stagings.put(directory, staging);
        }
        return staging;
    }

    private void requireAllowed(Path directory, Path real) {
        boundaries.refusal(source, directory, real).ifPresent(it -> {
            throw new ProblemException(new Problem.BackupIncompatible(it));
        });
    }

    private boolean isNameHere(String path) {
        try {
            folder.path().getFileSystem().getPath(path);
            return true;
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** To restore one database and leave the other as it is would make two moments of one. */
    private ArchiveWarnings missingDatabases() {
        ArchiveWarnings remarks = new ArchiveWarnings();
        for (Path extra : source.extraFiles()) {
            if (layout != Layout.POCKETBASE_ZIP || databases.containsKey(extra)) {
                continue;
            }
            String name = String.valueOf(extra.getFileName());
            boolean expected =
                    missingDatabases.contains(name) || (ofOldPocketBase && PocketBase.AUXILIARY.contains(name));
            if (expected || !Files.exists(extra)) {
                remarks.add("It does not hold the database " + name + ", which a restore leaves as it is.");
            } else {
                obstacles.add(
                        "it does not hold the database " + name + ", which belongs to the same moment; to restore "
                                + "the others alone, take " + name + " out of the setting extra-files");
            }
        }
        return remarks;
    }

    /**
     * Of what PocketBase made, nothing is everything: it archives the files of its whole data directory, and no empty
     * directory. What Holdfast made names the directories that were not there.
     */
    private ArchiveWarnings missingDirectories() throws IOException {
        ArchiveWarnings remarks = new ArchiveWarnings();
        for (Path directory : source.directories()) {
            if (layout != Layout.POCKETBASE_ZIP || inArchive.contains(directory) || !Files.isDirectory(directory)) {
                continue;
            }
            String name = String.valueOf(directory.getFileName());
            boolean empty = madeByPocketBase ? isInDataDirectory(directory) : missingDirectories.contains(name);
            if (empty && extent == Extent.RESTORE) {
                staging(directory);
            }
            remarks.add(
                    empty
                            ? "It holds nothing of the directory " + name + ", which a restore empties."
                            : "It does not hold the directory " + name + ", which a restore leaves as it is.");
        }
        return remarks;
    }

    private boolean isInDataDirectory(Path directory) {
        return Objects.equals(
                source.main().toAbsolutePath().normalize().getParent(),
                directory.toAbsolutePath().normalize().getParent());
    }

    private UnpackedParts parts() throws IOException {
        if (!databases.containsKey(source.main())) {
            throw unfit("the main database is missing");
        }
        Optional<String> lacking = missingDatabases().remark();
        Optional<String> without = missingDirectories().remark();
        Optional<String> obstacle = obstacles.remark().map(it -> "It cannot be restored here: " + it + ".");
        if (extent == Extent.RESTORE && obstacle.isPresent()) {
            throw unfit(obstacle.get());
        }
        List<UnpackResult.DatabasePart> images = new ArrayList<>();
        for (Path database : source.databaseFiles()) {
            Path image = databases.get(database);
            if (image != null) {
                images.add(new UnpackResult.DatabasePart(
                        database, PrivateFile.at(image), Optional.ofNullable(ownerships.get(database))));
            }
        }
        List<UnpackResult.DirectoryPart> directories = new ArrayList<>();
        for (Path directory : source.directories()) {
            Staging staging = stagings.get(directory);
            if (staging != null) {
                work.checkCancelled();
                directories.add(part(directory, staging.finish()));
                staging.close();
            }
        }
        String remark = Stream.of(
                        lacking,
                        without,
                        passedOver.remark().map(it -> "Links and special files are left out: " + it + "."),
                        unknown.remark().map(it -> "The source has no place for " + it + " of the archive."))
                .flatMap(Optional::stream)
                .collect(Collectors.joining(" "));
        return new UnpackedParts(
                List.copyOf(images),
                List.copyOf(directories),
                Optional.of(remark).filter(it -> !it.isEmpty()),
                obstacle,
                folder,
                List.copyOf(stagings.values()));
    }

    private UnpackResult.DirectoryPart part(Path directory, Path staged) throws IOException {
        if (extent != Extent.RESTORE) {
            return new UnpackResult.DirectoryPart(directory, staged);
        }
        String name = (layout == Layout.DISPATCHARR_TAR_GZ ? Dispatcharr.DATA : "") + directory.getFileName();
        return new UnpackResult.DirectoryPart(
                directory,
                staged,
                new UnrecordedFiles(
                        directory, staged, name, leftOut.below(name), ProtectedPaths.of(source, boundaries)));
    }

    /** What has come out so far, against the limits. */
    static final class Tally {
        private static final long RATIO_FROM = 1L << 30;

        private final UnpackLimits limits;
        private final long packed;
        private long bytes;
        private long raw;

        Tally(UnpackLimits limits, long packed) {
            this.limits = limits;
            this.packed = packed;
        }

        Tally fresh() {
            return new Tally(limits, packed);
        }

        void members(long count) throws ArchiveRejectedException {
            if (count > limits.mostMembers()) {
                throw tooLarge("it has more than " + limits.mostMembers() + " members");
            }
        }

        /** Looked at before room for them is. */
        void announced(long size) throws ArchiveRejectedException {
            if (size > limits.mostBytes() - bytes) {
                throw tooLarge("it unfolds to more than " + limits.mostBytes() + " bytes");
            }
        }

        void bytes(long more) throws ArchiveRejectedException {
            announced(more);
            bytes += more;
            requireRatio(bytes);
        }

        private void requireRatio(long unpacked) throws ArchiveRejectedException {
            if (unpacked > RATIO_FROM && unpacked / Math.max(1, packed) >= limits.mostRatio()) {
                throw tooLarge("it unfolds to more than " + limits.mostRatio() + " times its size");
            }
        }

        /** For what lies between the members, too. */
        InputStream counting(InputStream in) {
            return new FilterInputStream(in) {
                @Override
                public int read(byte[] chunk, int offset, int length) throws IOException {
                    int count = super.read(chunk, offset, length);
                    raw += Math.max(0, count);
                    requireRatio(raw);
                    return count;
                }
            };
        }
    }

    /** A member's bytes on their way, hashed and counted; remembers why it broke. */
    static final class Measured extends InputStream {
        private final InputStream in;
        private final MessageDigest digest;
        private final Tally tally;
        private long count;
        private @Nullable IOException broken;

        Measured(InputStream in, MessageDigest digest, Tally tally) {
            this.in = in;
            this.digest = digest;
            this.tally = tally;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            rethrow();
            try {
                int got = in.read(bytes, offset, length);
                if (got > 0) {
                    tally.bytes(got);
                    digest.update(bytes, offset, got);
                    count += got;
                }
                return got;
            } catch (IOException e) {
                broken = e;
                throw e;
            }
        }

        void rest() throws IOException {
            transferTo(OutputStream.nullOutputStream());
        }

        long count() {
            return count;
        }

        void rethrow() throws IOException {
            if (broken != null) {
                throw broken;
            }
        }

        /** The archive goes on after the member. */
        @Override
        public void close() {}
    }
}
