package dev.holdfast.endtoend.soak;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The files of one registered database, with an application that has them open. */
final class Group implements AutoCloseable {
    private final String name;
    private final Path folder;
    private final List<String> databases;
    private final boolean directory;
    private final List<Sqlite> applications = new ArrayList<>();

    private Group(String name, Path folder, List<String> databases, boolean directory) {
        this.name = name;
        this.folder = folder;
        this.databases = databases;
        this.directory = directory;
    }

    static Group create(String name, Path folder, List<String> databases, boolean directory, String journalMode)
            throws Exception {
        var group = new Group(name, folder, databases, directory);
        for (String database : databases) {
            Path file = folder.resolve(database);
            Content.createDatabase(file, journalMode, "L0");
            group.applications.add(Sqlite.open(file));
        }
        if (directory) {
            Content.writeFiles(folder.resolve("storage"), "L0");
        }
        return group;
    }

    String name() {
        return name;
    }

    Path folder() {
        return folder;
    }

    /** As the application does: one transaction in each database. */
    void write(String label) throws IOException {
        for (Sqlite application : applications) {
            String output = application.run(Content.update(label));
            if (!output.isEmpty()) {
                throw new IOException("the application cannot write: " + output);
            }
        }
        if (directory) {
            Content.writeFiles(folder.resolve("storage"), label);
        }
    }

    /** @return one label if all parts are whole and of one moment; all that was seen otherwise */
    String content() throws Exception {
        Set<String> labels = new LinkedHashSet<>();
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < databases.size(); i++) {
            String open = Content.of(applications.get(i));
            String opened = Content.ofDatabase(folder.resolve(databases.get(i)).toString());
            labels.add(open);
            labels.add(opened);
            parts.add(databases.get(i) + "=" + (open.equals(opened) ? open : open + " or " + opened));
        }
        if (directory) {
            String files = Content.ofDirectory(folder.resolve("storage"));
            labels.add(files);
            parts.add("storage=" + files);
        }
        return labels.size() == 1 ? labels.iterator().next() : String.join("; ", parts);
    }

    /** Of a backup's artifact, read with SQLite's shell and the JDK's zip alone. */
    static String contentOf(Path artifact) throws Exception {
        if (!artifact.toString().endsWith(".zip")) {
            return Content.ofDatabase("file:" + artifact + "?immutable=1");
        }
        Path scratch = Files.createTempDirectory("hf-soak-zip");
        try {
            unzip(artifact, scratch);
            Set<String> labels = new LinkedHashSet<>();
            List<String> parts = new ArrayList<>();
            for (String database : List.of("data.db", "auxiliary.db")) {
                String label = Content.ofDatabase("file:" + scratch.resolve(database) + "?immutable=1");
                labels.add(label);
                parts.add(database + "=" + label);
            }
            String files = Content.ofDirectory(scratch.resolve("storage"));
            labels.add(files);
            parts.add("storage=" + files);
            return labels.size() == 1 ? labels.iterator().next() : String.join("; ", parts);
        } finally {
            delete(scratch);
        }
    }

    private static void unzip(Path archive, Path to) throws IOException {
        try (var zip = new ZipFile(archive.toFile())) {
            for (ZipEntry entry : zip.stream().filter(it -> !it.isDirectory()).toList()) {
                Path file = to.resolve(entry.getName());
                Files.createDirectories(file.resolveSibling(""));
                try (InputStream in = zip.getInputStream(entry)) {
                    Files.copy(in, file);
                }
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> found = Files.walk(directory)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** As an administrator does who has looked at them. */
    void removeLeftovers() throws IOException {
        for (Optional<Path> left = leftover(); left.isPresent(); left = leftover()) {
            delete(left.get());
        }
    }

    /** What a restore or an exchange left next to the live files, if anything. */
    Optional<Path> leftover() throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(it -> it.getFileName().toString().startsWith(".holdfast-"))
                    .findFirst();
        }
    }

    @Override
    public void close() {
        applications.forEach(Sqlite::close);
    }
}
