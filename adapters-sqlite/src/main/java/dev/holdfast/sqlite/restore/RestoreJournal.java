package dev.holdfast.sqlite.restore;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.archive.UnpackResult.DirectoryPart;
import dev.holdfast.application.archive.UnpackResult.Unrecorded;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.application.restore.LiveDatabases.Settled;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.sqlite.file.ArtifactCopier;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.FileState;
import dev.holdfast.sqlite.io.FreeName;
import dev.holdfast.sqlite.restore.RestoreEvidence.Content;
import dev.holdfast.sqlite.restore.RestoreEvidence.Presence;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a restore of several parts is about to do and how far it has come, durable before each step: a folder with the new
 * content of each database and the old one, the plan, and marks. Its files, its states, and what is done in each of
 * them after a crash, are in {@code docs/internals/restore.md#the-journals-files}.
 */
public final class RestoreJournal implements AutoCloseable {
    private static final FileAttribute<?> OWNER_ONLY_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final FileAttribute<?> OWNER_ONLY_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final System.Logger LOG = System.getLogger(RestoreJournal.class.getName());

    private static final String PLAN = "plan.json";

    /** The directories are exchanged. */
    private static final String COMMITTED = "committed";

    /** Everything gets its old content back. */
    private static final String UNDOING = "undoing";

    /** All databases hold the new content, which was compared. */
    private static final String COMPLETE = "complete";

    /** Everything has its old content back. */
    private static final String UNDONE = "undone";

    /** One database may hold the new content. */
    private static final String STARTED = "started-";

    /** One database has its old content back, which was compared, or never held another. */
    private static final String PUT_BACK = "put-back-";

    /** One directory is exchanged back. */
    private static final String EXCHANGED_BACK = "exchanged-back-";

    /** Followed by which content is about to be put into a database, and the schema cookie that it has before. */
    private static final String ATTEMPT = "attempt-";

    private static final String MADE = "made-";

    /** Made before they are needed: a mark is set by giving it its name, which takes no space. */
    private static final String UNSET = ".unset";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;
    private Document document;

    /** Of a restore that this process has begun; none of one that is completed later. */
    private final Map<Path, Unrecorded> unrecorded = new HashMap<>();

    /** Marks that this object has set and synced. */
    private final Set<String> durable = new HashSet<>();

    /** Known here, even if no mark could be set. */
    private boolean complete;

    private boolean undone;

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
     * @param freshInode of the new one; null in a journal of an earlier version
     */
    record DirectoryEntry(
            String target,
            String staged,
            String aside,
            String undone,
            @Nullable Long oldInode,
            TreeFingerprint fresh,
            @Nullable TreeFingerprint kept,
            @Nullable Long freshInode) {
        static DirectoryEntry of(DirectorySwap swap, @Nullable TreeFingerprint kept) {
            return new DirectoryEntry(
                    swap.target().toString(),
                    swap.staged().toString(),
                    swap.aside().toString(),
                    swap.undone().toString(),
                    swap.oldInode().orElse(null),
                    swap.fresh(),
                    kept,
                    swap.freshInode().orElse(null));
        }

        DirectorySwap swap() {
            return new DirectorySwap(
                    Path.of(target),
                    Path.of(staged),
                    Path.of(aside),
                    Path.of(undone),
                    Optional.ofNullable(oldInode),
                    fresh,
                    Optional.ofNullable(freshInode));
        }
    }

    /**
     * Removes what a killed process had begun to note and was not in force, or is over.
     *
     * @return those that are over
     */
    public static List<RestoreJournal> sweep(Path root) throws IOException {
        List<RestoreJournal> over = new ArrayList<>();
        for (RestoreJournal journal : all(root)) {
            if (!journal.isPrepared()) {
                journal.removeUnused();
            } else if (journal.isOver()) {
                over.add(journal);
                try {
                    journal.closeOver();
                } catch (IOException e) {
                    LOG.log(Level.WARNING, journal.notClosed(e), e);
                }
            }
        }
        return over;
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
        byte[] text;
        try {
            text = Files.readAllBytes(plan);
        } catch (NoSuchFileException e) {
            // Not prepared, or another database's restore has just ended.
            return new RestoreJournal(folder, new Document(Document.VERSION, List.of(), List.of(), null));
        }
        JsonNode read = JSON.readTree(text);
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
            if (journal.isPrepared() && !journal.isOver()) {
                unfinished.add(journal);
            }
        }
        return unfinished;
    }

    /** Those that are over and could not be removed. */
    static List<RestoreJournal> over(Path root) throws IOException {
        List<RestoreJournal> over = new ArrayList<>();
        for (RestoreJournal journal : all(root)) {
            if (journal.isPrepared() && journal.isOver()) {
                over.add(journal);
            }
        }
        return over;
    }

    Path folder() {
        return folder;
    }

    /** Whether nothing is left to be done to the databases and directories. */
    boolean isOver() {
        return isComplete() || isUndone();
    }

    boolean isComplete() {
        return complete || isSet(COMPLETE);
    }

    private boolean isUndone() {
        return undone || isSet(UNDONE);
    }

    /** What became of the restore, if that is over. */
    Settled settled() {
        return isComplete() ? Settled.COMPLETED : Settled.UNDONE;
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

    /**
     * Takes the new content over. Not in force until it is {@link #prepare prepared}; closing removes it until then.
     *
     * @param existing the databases that are there and will be kept
     */
    static RestoreJournal begin(Path root, NewContent content, Set<Path> existing, Optional<OperationId> operation)
            throws IOException {
        Files.createDirectories(root, OWNER_ONLY_FOLDER);
        Path folder = Files.createTempDirectory(root, "", OWNER_ONLY_FOLDER);
        try {
            List<DatabaseEntry> databases = new ArrayList<>();
            for (DatabasePart part : content.databases()) {
                take(part.image(), folder.resolve(newContent(databases.size())));
                databases.add(new DatabaseEntry(
                        part.target().toString(),
                        existing.contains(part.target()),
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
            ArtifactCopier.copy(image, to, ProgressMonitor.UNWATCHED);
        }
        sync(to);
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        } catch (IOException e) {
            throw SqliteErrors.ofWriting(file, e);
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
            write(image.image(), to);
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
    void carryOverUnrecorded(ProgressMonitor work) throws IOException {
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
    void prepare(Map<Path, TreeFingerprint> kept) throws IOException {
        document = new Document(
                document.version(),
                document.databases(),
                directories().stream()
                        .map(it -> DirectoryEntry.of(it, kept.get(it.target())))
                        .toList(),
                document.operation());
        List<String> marks = new ArrayList<>(List.of(COMMITTED, UNDOING, COMPLETE, UNDONE));
        for (int i = 0; i < document.databases().size(); i++) {
            marks.addAll(List.of(STARTED + i, PUT_BACK + i, ATTEMPT + i, MADE + i));
        }
        for (int i = 0; i < document.directories().size(); i++) {
            marks.add(EXCHANGED_BACK + i);
        }
        for (String mark : marks) {
            Files.createFile(folder.resolve(mark + UNSET), OWNER_ONLY_FILE);
        }
        Path unnamed = folder.resolve(PLAN + UNSET);
        try {
            Files.createFile(unnamed, OWNER_ONLY_FILE);
            Files.write(unnamed, JSON.writeValueAsBytes(document));
        } catch (IOException e) {
            throw SqliteErrors.ofWriting(unnamed, e);
        }
        sync(unnamed);
        Files.move(unnamed, folder.resolve(PLAN), StandardCopyOption.ATOMIC_MOVE);
        SecureDirectories.sync(folder);
        // And the folder in its own, and that in its own.
        Path root = requireNonNull(folder.getParent(), "made in one");
        SecureDirectories.sync(root);
        SecureDirectories.sync(requireNonNull(root.getParent(), "the scratch directory"));
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

    /** Whether it is the first database, which is replaced last. */
    boolean isLast(Path target) {
        return index(target) == 0;
    }

    /** Whether all other databases hold the new content, and the last one may. */
    boolean isLastStarted() {
        return isSet(STARTED + 0);
    }

    private enum Attempted {
        NEW,
        OLD
    }

    /** A file is about to get the name of a database that was missing. Another file of that name is not the restore's. */
    void making(Path target, long inode) throws IOException {
        int index = index(target);
        rename(MADE + index, encoded(MADE + index), folder.resolve(MADE + index + "." + inode));
    }

    /** The inode of the file that was about to get the name; empty if none was. */
    private OptionalLong made(int index) throws IOException {
        Optional<Path> mark = encoded(MADE + index);
        Path target = Path.of(document.databases().get(index).target());
        if (mark.isEmpty() && !isSet(MADE + index + UNSET) && RestoreTargets.isThere(target)) {
            return OptionalLong.of(FileState.of(target).inode()); // a journal of an earlier version has no such mark
        }
        return mark.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(
                        Long.parseLong(mark.get().getFileName().toString().substring((MADE + index + ".").length())));
    }

    /** The new content is about to be put in once more, where a start completes the restore. */
    void startingAgain(Path target, OptionalInt cookie) throws IOException {
        attempting(target, Attempted.NEW, cookie);
    }

    /** The old content is about to be put back. */
    void puttingBack(Path target, OptionalInt cookie) throws IOException {
        attempting(target, Attempted.OLD, cookie);
    }

    private void attempting(Path target, Attempted what, OptionalInt cookie) throws IOException {
        String prefix = ATTEMPT + index(target);
        Path now = folder.resolve(prefix + "." + what + "." + (cookie.isPresent() ? cookie.getAsInt() : "none"));
        rename(prefix, attempt(index(target)), now);
    }

    /** @param before how the mark is called if it is set */
    private void rename(String mark, Optional<Path> before, Path now) throws IOException {
        Path is = before.orElse(folder.resolve(mark + UNSET));
        if (Files.exists(is, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(is, now, StandardCopyOption.ATOMIC_MOVE);
        } else {
            Files.createFile(now, OWNER_ONLY_FILE); // a journal of an earlier version has none to be renamed
        }
        SecureDirectories.sync(folder);
    }

    private Optional<Path> attempt(int index) throws IOException {
        return encoded(ATTEMPT + index);
    }

    /** A mark that is set, and has a value behind its name. */
    private Optional<Path> encoded(String mark) throws IOException {
        String prefix = mark + ".";
        try (Stream<Path> names = Files.list(folder)) {
            return names.filter(it -> it.getFileName().toString().startsWith(prefix)
                            && !it.getFileName().toString().endsWith(UNSET))
                    .findFirst();
        }
    }

    /** Whether the old content was about to be put back. */
    private boolean isPuttingBack(int index) throws IOException {
        return attempt(index)
                .filter(it -> it.getFileName().toString().contains("." + Attempted.OLD + "."))
                .isPresent();
    }

    private OptionalInt cookieBefore(int index) throws IOException {
        Optional<Path> attempt = attempt(index);
        if (attempt.isEmpty()) {
            return document.databases().get(index).existed() ? old(index).cookie() : OptionalInt.empty();
        }
        String name = attempt.get().getFileName().toString();
        String number = name.substring(name.lastIndexOf('.') + 1);
        return number.equals("none") ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(number));
    }

    private Content old(int index) throws IOException {
        return Content.of(folder.resolve(oldContent(index)));
    }

    /**
     * Whether the first database holds the new content or what other programs have made of it since. All others do if it
     * does.
     *
     * @param fresh as it is put in
     */
    Presence presenceOfLast(Image found, RestoreImage fresh) throws IOException {
        OptionalInt before = cookieBefore(0);
        Optional<Content> old = document.databases().getFirst().existed() ? Optional.of(old(0)) : Optional.empty();
        Presence presence = RestoreEvidence.presence(found, Content.of(fresh), old, before);
        // SQLite shows committed states alone, and each restore raises the number.
        return presence == Presence.UNCERTAIN && before.isPresent() && before.equals(RestoreEvidence.cookie(found))
                ? Presence.NOT_IN
                : presence;
    }

    /**
     * Whether a database has to get its old content back: always, unless it is certain that it holds that, or what other
     * programs have made of it.
     *
     * @param old as it would be put in
     */
    boolean isToBePutBack(Path target, Image found, RestoreImage old) throws IOException {
        int index = index(target);
        if (RestoreEvidence.isEqual(found, old(index)) || RestoreEvidence.isEqual(found, Content.of(old))) {
            return false;
        }
        Content fresh = Content.of(folder.resolve(newContent(index)));
        if (!RestoreEvidence.isComparable(found, fresh)) {
            return true; // it went in on pages of another size
        }
        return isPuttingBack(index)
                ? RestoreEvidence.presence(found, Content.of(old), Optional.of(fresh), cookieBefore(index))
                        != Presence.IN
                : RestoreEvidence.presence(found, fresh, Optional.of(old(index)), cookieBefore(index))
                        != Presence.NOT_IN;
    }

    /**
     * Keeps a copy next to the database if other programs have committed to the new content since it was put in.
     *
     * @param found under a lock
     * @return the copy
     */
    Optional<Path> keepCommittedSince(Path target, Image found) throws IOException {
        if (RestoreEvidence.isEqual(found, Content.of(folder.resolve(newContent(index(target)))))) {
            return Optional.empty();
        }
        Path copy = FreeName.like(target.resolveSibling(target.getFileName() + ".undone-" + folder.getFileName()));
        Path part = FreeName.like(copy.resolveSibling(copy.getFileName() + ".part"));
        Path directory = requireNonNull(copy.getParent(), "next to a database");
        FullDisk.require(directory, found.size());
        write(found, part);
        Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE);
        SecureDirectories.sync(directory);
        return Optional.of(copy);
    }

    private static void write(Image image, Path to) throws IOException {
        try (InputStream in = image.open();
                FileChannel out = FileChannel.open(
                        to, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY_FILE)) {
            Scratch.copy(in, out, ProgressMonitor.UNWATCHED);
            out.force(true);
        } catch (IOException e) {
            throw SqliteErrors.ofWriting(to, e);
        }
    }

    /** It is certain that it has its old content back. */
    void putBack(Path target) throws IOException {
        set(PUT_BACK + index(target));
    }

    private void set(String mark) throws IOException {
        if (durable.contains(mark)) {
            return;
        }
        if (!isSet(mark)) {
            Path unset = folder.resolve(mark + UNSET);
            if (Files.exists(unset, LinkOption.NOFOLLOW_LINKS)) {
                Files.move(unset, folder.resolve(mark), StandardCopyOption.ATOMIC_MOVE);
            } else {
                Files.createFile(
                        folder.resolve(mark),
                        OWNER_ONLY_FILE); // a journal of an earlier version has none to be renamed
            }
        }
        SecureDirectories.sync(folder);
        durable.add(mark);
    }

    private boolean isSet(String mark) {
        return Files.exists(folder.resolve(mark), LinkOption.NOFOLLOW_LINKS);
    }

    List<DirectorySwap> directories() {
        return document.directories().stream().map(DirectoryEntry::swap).toList();
    }

    /**
     * The new content of all databases, where one of them lacks it: also of those that have it, for an application may
     * have written since, to a set of which a part was new and a part old.
     */
    List<DatabasePart> databasesToComplete() throws IOException {
        List<DatabasePart> parts = new ArrayList<>();
        for (int i = 0; i < document.databases().size(); i++) {
            parts.add(part(i, newContent(i)));
        }
        return parts;
    }

    /** The first database, which is replaced last. */
    DatabasePart last() throws IOException {
        return part(0, newContent(0));
    }

    /** Those that may hold the new content, were there before, and are not known to have the old content back. */
    List<DatabasePart> databasesToPutBack() throws IOException {
        List<DatabasePart> parts = new ArrayList<>();
        for (int i = 0; i < document.databases().size(); i++) {
            if (isLeft(i) && document.databases().get(i).existed()) {
                parts.add(part(i, oldContent(i)));
            }
        }
        return parts;
    }

    private boolean isLeft(int index) {
        return isSet(STARTED + index) && !isSet(PUT_BACK + index);
    }

    /** The databases that may have been made where nothing was. */
    List<Path> databasesToUnmake() {
        return IntStream.range(0, document.databases().size())
                .filter(this::isToBeUnmade)
                .mapToObj(i -> Path.of(document.databases().get(i).target()))
                .toList();
    }

    private boolean isToBeUnmade(int index) {
        return isLeft(index) && !document.databases().get(index).existed();
    }

    /** Takes away {@link #databasesToUnmake}. */
    void unmakeDatabases(KnownFiles known) throws IOException {
        for (int i = 0; i < document.databases().size(); i++) {
            if (isToBeUnmade(i)) {
                NewFileRestore.unmake(
                        Path.of(document.databases().get(i).target()),
                        folder.resolve(newContent(i)),
                        made(i),
                        folder.getFileName().toString(),
                        known);
                set(PUT_BACK + i);
            }
        }
    }

    /** Brings the old directories back to their places. */
    void exchangeBack() throws IOException {
        List<DirectorySwap> swaps = directories();
        for (int i = swaps.size() - 1; i >= 0; i--) {
            if (!isSet(EXCHANGED_BACK + i)) {
                swaps.get(i).out();
                set(EXCHANGED_BACK + i);
            }
        }
    }

    /** What it needs and does not find, as where a file system is not mounted; for a person. */
    List<Path> missing() throws IOException {
        List<Path> missing = new ArrayList<>();
        for (DatabaseEntry entry : document.databases()) {
            if (entry.existed() && !RestoreTargets.isThere(Path.of(entry.target()))) {
                missing.add(Path.of(entry.target()));
            }
        }
        for (int i = 0; i < document.directories().size(); i++) {
            DirectorySwap swap = document.directories().get(i).swap();
            if (!isSet(EXCHANGED_BACK + i) && !swap.isPlausible(isCommitted() && !isUndoing())) {
                missing.add(swap.existed() ? swap.aside() : swap.target());
            }
        }
        return missing;
    }

    /** Why what is there now is not from one moment, for a person; empty if all of it is from before the restore. */
    Optional<String> inconsistency() {
        boolean databases = false;
        for (int i = 0; i < document.databases().size(); i++) {
            databases |= isSet(STARTED + i);
        }
        if (!isCommitted() || (!databases && document.directories().isEmpty())) {
            return Optional.empty();
        }
        return Optional.of("It was made of what an interrupted restore had left, of which a part was from before the"
                + " restore and another from the backup. " + standing());
    }

    /** What each database and directory holds, so far as the marks and names say; for a person. */
    String standing() {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < document.databases().size(); i++) {
            parts.add(document.databases().get(i).target() + " holds " + holds(i));
        }
        for (DirectorySwap swap : directories()) {
            parts.add(swap.standing());
        }
        return String.join("; ", parts) + ".";
    }

    private String holds(int index) {
        if (!isSet(STARTED + index) || isSet(PUT_BACK + index)) {
            return "what it held before the restore";
        }
        return isComplete() || (index > 0 && isSet(STARTED + (index - 1)) && !isUndoing())
                ? "the backup"
                : "the backup or what it held before the restore";
    }

    private DatabasePart part(int index, String content) throws IOException {
        DatabaseEntry entry = document.databases().get(index);
        return new DatabasePart(
                Path.of(entry.target()), KeptImage.at(folder.resolve(content)), Optional.ofNullable(entry.ownership()));
    }

    /** All databases hold the new content, which was compared. */
    void markComplete() throws IOException {
        complete = true;
        set(COMPLETE);
    }

    /** Everything has its old content back. */
    void markUndone() throws IOException {
        undone = true;
        set(UNDONE);
    }

    /** Whether a restart will know that it is over. */
    boolean isOverDurably() {
        // A journal that is gone with its whole directory may come back with it.
        boolean removed = !isPrepared() && Files.isDirectory(requireNonNull(folder.getParent(), "made in one"));
        return durable.contains(COMPLETE) || durable.contains(UNDONE) || removed;
    }

    /** Removes what is not needed any more, after a mark that says so. */
    void closeOver() throws IOException {
        if (isComplete()) {
            markComplete();
            for (DirectoryEntry entry : document.directories()) {
                entry.swap().settle(Optional.ofNullable(entry.kept()));
            }
        } else {
            markUndone();
            for (DirectorySwap swap : directories()) {
                swap.removeUndone();
            }
        }
        end();
    }

    /** That {@link #closeOver} failed, for a person. */
    String notClosed(Exception failure) {
        return "The journal of a restore that is over, " + description() + ", could not be closed ("
                + failure.getMessage()
                + "). The files are not affected: they "
                + (isComplete() ? "hold the backup" : "are as they were before the restore")
                + ". The server tries again before each backup and restore of them and when it starts.";
    }

    /** There is nothing to be completed any more. */
    private void end() throws IOException {
        Files.deleteIfExists(folder.resolve(PLAN));
        SecureDirectories.sync(folder);
        removeIfThere(folder);
    }

    private static void removeIfThere(Path folder) throws IOException {
        if (Files.exists(folder)) {
            SecureDirectories.delete(folder);
        }
    }

    /** One that is in force stays. What cannot be removed of another, the next start removes. */
    @Override
    public void close() {
        if (!isPrepared()) {
            removeUnused();
        }
    }

    private void removeUnused() {
        try {
            removeIfThere(folder);
        } catch (IOException e) {
            LOG.log(Level.WARNING, folder + " could not be removed; the next start of the server removes it", e);
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
