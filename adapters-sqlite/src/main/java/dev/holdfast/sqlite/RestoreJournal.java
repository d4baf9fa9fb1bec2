package dev.holdfast.sqlite;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.application.archive.Unpacking.DatabasePart;
import dev.holdfast.application.archive.Unpacking.DirectoryPart;
import dev.holdfast.application.archive.Unpacking.Unrecorded;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.OperationId;
import dev.holdfast.tree.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a restore of several parts is about to do and how far it has come, durable before each step: a folder with the new
 * content of each database and the old one, the plan, and marks.
 *
 * <p>Without a plan nothing was changed. With a plan, and until it is {@link #commit committed}, at most directories were
 * exchanged, and are exchanged back. After that the databases follow, one by one, until it is {@link #complete}; if one of
 * them cannot, the restore is {@link #isUndoing undone}.
 */
final class RestoreJournal implements AutoCloseable {
    private static final String PLAN = "plan.json";
    private static final String COMMITTED = "committed";
    private static final String UNDOING = "undoing";
    private static final String COMPLETE = "complete";
    private static final String STARTED = "started-";

    /** Made before they are needed: a mark is set by giving it its name, which takes no space. */
    private static final String UNSET = ".unset";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;
    private Document document;

    /** Of a restore that this process has begun; none of one that is completed later. */
    private final Map<Path, Unrecorded> unrecorded = new HashMap<>();

    private RestoreJournal(Path folder, Document document) {
        this.folder = folder;
        this.document = document;
    }

    /** @param operation whose restore it is; null if nobody's */
    record Document(
            int version,
            List<DatabaseEntry> databases,
            List<DirectoryEntry> directories,
            @Nullable String operation) {
        static final int VERSION = 2;
    }

    /**
     * @param existed whether there was a file that the new content goes into
     * @param ownership that the backup recorded of the file; null if none
     */
    record DatabaseEntry(
            String target, boolean existed, @Nullable FileOwnership ownership) {}

    /**
     * @param oldInode null if there was none
     * @param kept how the old one looked when all of it was kept; null if not all was
     */
    record DirectoryEntry(
            String target,
            String staged,
            String aside,
            String undone,
            @Nullable Long oldInode,
            Census fresh,
            @Nullable Census kept) {
        static DirectoryEntry of(DirectorySwap swap, @Nullable Census kept) {
            return new DirectoryEntry(
                    swap.target().toString(),
                    swap.staged().toString(),
                    swap.aside().toString(),
                    swap.undone().toString(),
                    swap.oldInode().orElse(null),
                    swap.fresh(),
                    kept);
        }

        DirectorySwap swap() {
            return new DirectorySwap(
                    Path.of(target),
                    Path.of(staged),
                    Path.of(aside),
                    Path.of(undone),
                    Optional.ofNullable(oldInode),
                    fresh);
        }
    }

    /** Removes what a killed process had begun to note and was not in force, or is over. */
    static void sweep(Path root) throws IOException {
        for (RestoreJournal journal : all(root)) {
            if (!journal.isPrepared()) {
                removeIfThere(journal.folder);
            } else if (journal.isSet(COMPLETE)) {
                journal.settle();
            }
        }
    }

    private static List<RestoreJournal> all(Path root) throws IOException {
        List<RestoreJournal> all = new ArrayList<>();
        if (Files.isDirectory(root)) {
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(root)) {
                for (Path folder : folders) {
                    all.add(open(folder));
                }
            }
        }
        return all;
    }

    private static RestoreJournal open(Path folder) throws IOException {
        Path plan = folder.resolve(PLAN);
        if (!Files.exists(plan)) {
            return new RestoreJournal(folder, new Document(Document.VERSION, List.of(), List.of(), null));
        }
        JsonNode read = JSON.readTree(plan.toFile());
        if (read.path("version").asInt() != Document.VERSION) {
            throw new IOException(
                    plan + " is of version " + read.path("version") + " (expected: " + Document.VERSION + ")");
        }
        return new RestoreJournal(folder, JSON.treeToValue(read, Document.class));
    }

    /** Those in force, whoever they are of. */
    static List<RestoreJournal> unfinished(Path root) throws IOException {
        List<RestoreJournal> unfinished = new ArrayList<>();
        for (RestoreJournal journal : all(root)) {
            if (journal.isPrepared() && !journal.isSet(COMPLETE)) {
                unfinished.add(journal);
            }
        }
        return unfinished;
    }

    /** Whether it changes anything that belongs to the source, by whatever path the source is named. */
    boolean touches(Source source) {
        Set<Path> own = Stream.concat(source.databaseFiles().stream(), source.directories().stream())
                .map(RestoreJournal::canonical)
                .collect(Collectors.toSet());
        return Stream.concat(
                        document.databases().stream().map(DatabaseEntry::target),
                        document.directories().stream().map(DirectoryEntry::target))
                .anyMatch(it -> own.contains(canonical(Path.of(it))));
    }

    /** With the source's own names for its databases, which may be others than when the restore began. */
    void nameAs(Source source) {
        List<DatabaseEntry> named = new ArrayList<>();
        for (DatabaseEntry entry : document.databases()) {
            Path target = Path.of(entry.target());
            Path now = source.databaseFiles().stream()
                    .filter(it -> canonical(it).equals(canonical(target)))
                    .findFirst()
                    .orElse(target);
            named.add(new DatabaseEntry(now.toString(), entry.existed(), entry.ownership()));
        }
        document = new Document(document.version(), named, document.directories(), document.operation());
    }

    private static Path canonical(Path path) {
        Path whole = path.toAbsolutePath().normalize();
        try {
            return whole.toRealPath();
        } catch (IOException e) {
            // Nothing is there.
        }
        Path parent = whole.getParent();
        try {
            return parent == null ? whole : parent.toRealPath().resolve(whole.getFileName());
        } catch (IOException e) {
            return whole;
        }
    }

    /** Whose restore it is, if that was noted. */
    Optional<OperationId> operation() {
        return Optional.ofNullable(document.operation()).map(OperationId::new);
    }

    /** For a person: what it is of, and where it lies. */
    String description() {
        return folder + " (of "
                + document.databases().stream().map(DatabaseEntry::target).collect(Collectors.joining(", ")) + ")";
    }

    /** Takes the new content over. Not in force until it is {@link #prepare prepared}; closing removes it until then. */
    static RestoreJournal begin(Path root, NewContent content, Optional<OperationId> operation) throws IOException {
        Files.createDirectories(root);
        Path folder = Files.createTempDirectory(root, "");
        try {
            List<DatabaseEntry> databases = new ArrayList<>();
            for (DatabasePart part : content.databases()) {
                take(part.image(), folder.resolve(newContent(databases.size())));
                databases.add(new DatabaseEntry(
                        part.target().toString(),
                        Targets.isThere(part.target()),
                        part.ownership().orElse(null)));
            }
            List<DirectoryEntry> directories = new ArrayList<>();
            Map<Path, Unrecorded> unrecorded = new HashMap<>();
            for (DirectoryPart part : content.directories()) {
                DirectorySwap swap = DirectorySwap.of(part, folder.getFileName().toString());
                directories.add(DirectoryEntry.of(swap, null));
                unrecorded.put(swap.target(), part.unrecorded());
            }
            RestoreJournal journal = new RestoreJournal(
                    folder,
                    new Document(
                            Document.VERSION,
                            databases,
                            directories,
                            operation.map(OperationId::value).orElse(null)));
            journal.unrecorded.putAll(unrecorded);
            return journal;
        } catch (Throwable e) {
            removeAfter(folder, e);
            throw e;
        }
    }

    private static void removeAfter(Path folder, Throwable cause) {
        try {
            removeIfThere(folder);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** By a second name where that is possible: the content may be large. */
    private static void take(Artifact image, Path to) throws IOException {
        Optional<Path> file = image.file();
        boolean linked = false;
        if (file.isPresent()) {
            try {
                Files.createLink(to, file.get());
                linked = true;
            } catch (IOException | UnsupportedOperationException e) {
                // Another file system, or one without links.
            }
        }
        if (!linked) {
            LocalImage.copy(image, to, Work.UNWATCHED);
        }
        sync(to);
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        } catch (IOException e) {
            throw Faults.ofWriting(file, e);
        }
    }

    private static String newContent(int index) {
        return index + ".new";
    }

    private static String oldContent(int index) {
        return index + ".old";
    }

    /** The one that is replaced last as well: a failure may come when nobody can tell whether it was. */
    void keepOld(List<DatabaseImage> current) throws IOException {
        for (DatabaseImage image : current) {
            Path to = folder.resolve(oldContent(index(image.file())));
            FullDisk.require(folder, image.image().size());
            try (InputStream in = image.image().open();
                    FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                Scratch.copy(in, out, Work.UNWATCHED);
                out.force(true);
            } catch (IOException e) {
                throw Faults.ofWriting(to, e);
            }
        }
    }

    private int index(Path target) {
        for (int i = 0; i < document.databases().size(); i++) {
            if (document.databases().get(i).target().equals(target.toString())) {
                return i;
            }
        }
        throw new IllegalArgumentException(target + " is no part of this restore");
    }

    /** Before anything is exchanged: files that no backup holds are in the new directories too, and remarked on. */
    void carryOverUnrecorded(Work work) throws IOException {
        List<DirectoryEntry> entries = new ArrayList<>();
        for (DirectorySwap swap : directories()) {
            Unrecorded.CarriedOver carried =
                    requireNonNull(unrecorded.get(swap.target()), "begun here").carryOver();
            swap.remark(carried).forEach(work::remark);
            boolean changed = !carried.names().isEmpty();
            entries.add(DirectoryEntry.of(changed ? swap.refilled() : swap, null));
        }
        document = new Document(document.version(), document.databases(), entries, document.operation());
    }

    /**
     * From here on the restore is completed or undone, whatever happens.
     *
     * @param kept how the old directories looked of which all was kept, by where they are
     */
    void prepare(Map<Path, Census> kept) throws IOException {
        document = new Document(
                document.version(),
                document.databases(),
                directories().stream()
                        .map(it -> DirectoryEntry.of(it, kept.get(it.target())))
                        .toList(),
                document.operation());
        List<String> marks = new ArrayList<>(List.of(COMMITTED, UNDOING, COMPLETE));
        for (int i = 0; i < document.databases().size(); i++) {
            marks.add(STARTED + i);
        }
        for (String mark : marks) {
            Files.createFile(folder.resolve(mark + UNSET));
        }
        Path unnamed = folder.resolve(PLAN + UNSET);
        try {
            Files.write(unnamed, JSON.writeValueAsBytes(document));
        } catch (IOException e) {
            throw Faults.ofWriting(unnamed, e);
        }
        sync(unnamed);
        Files.move(unnamed, folder.resolve(PLAN), StandardCopyOption.ATOMIC_MOVE);
        Trees.sync(folder);
        // And the folder in its own, and that in its own.
        Path root = requireNonNull(folder.getParent(), "made in one");
        Trees.sync(root);
        Trees.sync(requireNonNull(root.getParent(), "the scratch directory"));
    }

    boolean isPrepared() {
        return Files.exists(folder.resolve(PLAN));
    }

    /** The directories are exchanged. */
    void commit() throws IOException {
        set(COMMITTED);
    }

    boolean isCommitted() {
        return isSet(COMMITTED);
    }

    void undo() throws IOException {
        set(UNDOING);
    }

    boolean isUndoing() {
        return isSet(UNDOING);
    }

    /** From here on the database may hold the new content. */
    void started(Path target) throws IOException {
        set(STARTED + index(target));
    }

    /** It is certain that it holds the old content. */
    void untouched(Path target) throws IOException {
        String mark = STARTED + index(target);
        if (isSet(mark)) {
            Files.move(folder.resolve(mark), folder.resolve(mark + UNSET), StandardCopyOption.ATOMIC_MOVE);
            Trees.sync(folder);
        }
    }

    private void set(String mark) throws IOException {
        if (!isSet(mark)) {
            Files.move(folder.resolve(mark + UNSET), folder.resolve(mark), StandardCopyOption.ATOMIC_MOVE);
            Trees.sync(folder);
        }
    }

    private boolean isSet(String mark) {
        return Files.exists(folder.resolve(mark), LinkOption.NOFOLLOW_LINKS);
    }

    List<DirectorySwap> directories() {
        return document.directories().stream().map(DirectoryEntry::swap).toList();
    }

    /**
     * What has yet to be put in: the new content, or where it is being undone the old. The new one into all, also where
     * it was already: an application may have written since, to a set of which a part was new and a part old.
     */
    List<DatabasePart> databasesLeft() throws IOException {
        if (!isCommitted()) {
            return List.of();
        }
        if (isUndoing()) {
            return databasesToPutBack();
        }
        List<DatabasePart> parts = new ArrayList<>();
        for (int i = 0; i < document.databases().size(); i++) {
            parts.add(part(i, newContent(i)));
        }
        return parts;
    }

    /** Those that may hold the new content and were there before. */
    List<DatabasePart> databasesToPutBack() throws IOException {
        List<DatabasePart> parts = new ArrayList<>();
        for (int i = 0; i < document.databases().size(); i++) {
            if (isSet(STARTED + i) && document.databases().get(i).existed()) {
                parts.add(part(i, oldContent(i)));
            }
        }
        return parts;
    }

    /** Takes away the databases that may have been made where nothing was. */
    void unmakeDatabases() throws IOException {
        for (int i = 0; i < document.databases().size(); i++) {
            DatabaseEntry entry = document.databases().get(i);
            if (isSet(STARTED + i) && !entry.existed()) {
                NewTarget.unmake(
                        Path.of(entry.target()),
                        folder.resolve(newContent(i)),
                        folder.getFileName().toString());
            }
        }
    }

    /** What it needs and does not find, as where a file system is not mounted; for a person. */
    List<Path> missing() throws IOException {
        List<Path> missing = new ArrayList<>();
        for (DatabaseEntry entry : document.databases()) {
            if (entry.existed() && !Targets.isThere(Path.of(entry.target()))) {
                missing.add(Path.of(entry.target()));
            }
        }
        for (DirectorySwap swap : directories()) {
            if (!swap.isPlausible(isCommitted())) {
                missing.add(swap.existed() ? swap.aside() : swap.target());
            }
        }
        return missing;
    }

    private DatabasePart part(int index, String content) throws IOException {
        DatabaseEntry entry = document.databases().get(index);
        return new DatabasePart(
                Path.of(entry.target()), KeptImage.at(folder.resolve(content)), Optional.ofNullable(entry.ownership()));
    }

    /** All is in: only what is not needed any more is left to be removed. */
    void complete() throws IOException {
        set(COMPLETE);
        settle();
    }

    private void settle() throws IOException {
        for (DirectoryEntry entry : document.directories()) {
            entry.swap().settle(Optional.ofNullable(entry.kept()));
        }
        end();
    }

    /** There is nothing to be completed any more. */
    void end() throws IOException {
        Files.deleteIfExists(folder.resolve(PLAN));
        Trees.sync(folder);
        removeIfThere(folder);
    }

    private static void removeIfThere(Path folder) throws IOException {
        if (Files.exists(folder)) {
            Trees.delete(folder);
        }
    }

    /** One that is in force stays. */
    @Override
    public void close() throws IOException {
        if (!isPrepared()) {
            removeIfThere(folder);
        }
    }

    /** A file of the journal's as content. */
    private record KeptImage(Path path, long size) implements Artifact {
        static KeptImage at(Path path) throws IOException {
            return new KeptImage(path, Files.size(path));
        }

        @Override
        public InputStream open(long offset) throws IOException {
            InputStream in = Files.newInputStream(path);
            in.skipNBytes(offset);
            return in;
        }

        @Override
        public Optional<Path> file() {
            return Optional.of(path);
        }

        @Override
        public String version() {
            return path.toString();
        }
    }
}
