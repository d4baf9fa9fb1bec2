package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.application.archive.Unpacking.DatabasePart;
import dev.holdfast.application.archive.Unpacking.DirectoryPart;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.database.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What a restore of several parts is about to do and how far it has come, durable before each step: a folder with the new
 * content of each database, the old one of those that are replaced before the last, the plan, and marks.
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
    private static final String REPLACED = "replaced-";

    /** Made before they are needed: a mark is set by giving it its name, which takes no space. */
    private static final String UNSET = ".unset";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;
    private final Document document;

    private RestoreJournal(Path folder, Document document) {
        this.folder = folder;
        this.document = document;
    }

    record Document(int version, List<DatabaseEntry> databases, List<DirectoryEntry> directories) {
        static final int VERSION = 1;
    }

    /** @param existed whether there was a file that the new content goes into */
    record DatabaseEntry(String target, boolean existed) {}

    record DirectoryEntry(String target, String staged, String aside, boolean existed) {
        static DirectoryEntry of(DirectorySwap swap) {
            return new DirectoryEntry(
                    swap.target().toString(),
                    swap.staged().toString(),
                    swap.aside().toString(),
                    swap.existed());
        }

        DirectorySwap swap() {
            return new DirectorySwap(Path.of(target), Path.of(staged), Path.of(aside), existed);
        }
    }

    /** One for each source, named by its main file, whatever database it is registered as. */
    private static Path folder(Path root, Source source) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(source.main().toString().getBytes(UTF_8));
            return root.resolve(HexFormat.of().formatHex(digest, 0, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Removes what a killed process had begun to note and was not in force. */
    static void sweep(Path root) throws IOException {
        if (Files.isDirectory(root)) {
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(root)) {
                for (Path folder : folders) {
                    if (!Files.exists(folder.resolve(PLAN))) {
                        removeIfThere(folder);
                    }
                }
            }
        }
    }

    static boolean isThere(Path root, Source source) {
        return Files.exists(folder(root, source).resolve(PLAN));
    }

    /** Takes the new content over. Not in force until it is {@link #prepare prepared}; closing removes it until then. */
    static RestoreJournal begin(Path root, Source source, NewContent content) throws IOException {
        Path folder = folder(root, source);
        removeIfThere(folder);
        Files.createDirectories(folder);
        try {
            List<DatabaseEntry> databases = new ArrayList<>();
            for (DatabasePart part : content.databases()) {
                take(part.image(), folder.resolve(newContent(databases.size())));
                databases.add(new DatabaseEntry(part.target().toString(), Targets.isThere(part.target())));
            }
            List<DirectoryEntry> directories = new ArrayList<>();
            for (DirectoryPart part : content.directories()) {
                directories.add(DirectoryEntry.of(DirectorySwap.of(part)));
            }
            return new RestoreJournal(folder, new Document(Document.VERSION, databases, directories));
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

    static RestoreJournal open(Path root, Source source) throws IOException {
        Path folder = folder(root, source);
        Document document = JSON.readValue(folder.resolve(PLAN).toFile(), Document.class);
        if (document.version() != Document.VERSION) {
            throw new IOException(folder.resolve(PLAN) + " is of version " + document.version() + " (expected: "
                    + Document.VERSION + ")");
        }
        return new RestoreJournal(folder, document);
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
        }
    }

    private static String newContent(int index) {
        return index + ".new";
    }

    private static String oldContent(int index) {
        return index + ".old";
    }

    /** The database that is replaced last needs no way back. */
    void keepOld(List<DatabaseImage> current) throws IOException {
        for (DatabaseImage image : current) {
            int index = index(image.file());
            if (index > 0) {
                Path to = folder.resolve(oldContent(index));
                Scratch.require(folder, image.image().size());
                try (InputStream in = image.image().open();
                        FileChannel out =
                                FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    Scratch.copy(in, out, Work.UNWATCHED);
                    out.force(true);
                } catch (IOException e) {
                    throw Faults.ofWriting(to, e);
                }
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

    /** From here on the restore is completed or undone, whatever happens. */
    void prepare() throws IOException {
        List<String> marks = new ArrayList<>(List.of(COMMITTED, UNDOING, COMPLETE));
        for (int i = 1; i < document.databases().size(); i++) {
            marks.add(REPLACED + i);
        }
        for (String mark : marks) {
            Files.createFile(folder.resolve(mark + UNSET));
        }
        Path unnamed = folder.resolve(PLAN + UNSET);
        Files.write(unnamed, JSON.writeValueAsBytes(document));
        sync(unnamed);
        Files.move(unnamed, folder.resolve(PLAN), StandardCopyOption.ATOMIC_MOVE);
        Channels.sync(folder);
        Path root = folder.getParent();
        if (root != null) {
            Channels.sync(root);
        }
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

    /** Of the one that is replaced last {@link #complete} tells. */
    void replaced(Path target) throws IOException {
        int index = index(target);
        if (index > 0) {
            set(REPLACED + index);
        }
    }

    private void set(String mark) throws IOException {
        if (!isSet(mark)) {
            Files.move(folder.resolve(mark + UNSET), folder.resolve(mark), StandardCopyOption.ATOMIC_MOVE);
            Channels.sync(folder);
        }
    }

    private boolean isSet(String mark) {
        return Files.exists(folder.resolve(mark), LinkOption.NOFOLLOW_LINKS);
    }

    List<DirectorySwap> directories() {
        return document.directories().stream().map(DirectoryEntry::swap).toList();
    }

    /** What has yet to be put in: the new content, or where it is being undone the old. */
    List<DatabasePart> databasesLeft() throws IOException {
        if (!isCommitted() || isSet(COMPLETE)) {
            return List.of();
        }
        return isUndoing() ? databasesToPutBack() : databasesToReplace();
    }

    private List<DatabasePart> databasesToReplace() throws IOException {
        List<DatabasePart> parts = new ArrayList<>();
        for (int i = 0; i < document.databases().size(); i++) {
            if (!isSet(REPLACED + i)) {
                parts.add(part(i, newContent(i)));
            }
        }
        return parts;
    }

    /** Those that were replaced and were there before. */
    List<DatabasePart> databasesToPutBack() throws IOException {
        List<DatabasePart> parts = new ArrayList<>();
        for (int i = 0; i < document.databases().size(); i++) {
            if (isSet(REPLACED + i) && document.databases().get(i).existed()) {
                parts.add(part(i, oldContent(i)));
            }
        }
        return parts;
    }

    /** Those that were made where nothing was. */
    List<Path> databasesToRemove() {
        List<Path> paths = new ArrayList<>();
        for (int i = 0; i < document.databases().size(); i++) {
            if (isSet(REPLACED + i) && !document.databases().get(i).existed()) {
                paths.add(Path.of(document.databases().get(i).target()));
            }
        }
        return paths;
    }

    private DatabasePart part(int index, String content) throws IOException {
        return new DatabasePart(
                Path.of(document.databases().get(index).target()), KeptImage.at(folder.resolve(content)));
    }

    /** All is in: only what is not needed any more is left to be removed. */
    void complete() throws IOException {
        set(COMPLETE);
        for (DirectorySwap swap : directories()) {
            swap.settle();
        }
        end();
    }

    /** There is nothing to be completed any more. */
    void end() throws IOException {
        Files.deleteIfExists(folder.resolve(PLAN));
        Channels.sync(folder);
        removeIfThere(folder);
    }

    private static void removeIfThere(Path folder) throws IOException {
        if (Files.exists(folder)) {
            Scratch.delete(folder);
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
