package dev.holdfast.endtoend.soak;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;

/** A path of a database that its user exchanges for a way to files of the server or of another database, and back. */
final class PathSwap {
    private static final int MAX_TRIES = 1000;

    private final SwapSite site;
    private final String database;
    private final What what;
    private final Way way;
    private final Random random;

    enum What {
        FILE,
        FOLDER,
        SIDECAR,
        EXTRA_FILE,
        DIRECTORY
    }

    /** How the path leads elsewhere: a symbolic link, or another file or folder that gets the name without any link. */
    enum Way {
        LINK,
        RENAME
    }

    /** Brings the path back. */
    interface Undo {
        void run() throws IOException;
    }

    PathSwap(SwapSite site, String database, What what, Way way, Random random) {
        this.site = site;
        this.database = database;
        this.what = what;
        this.way = way;
        this.random = random;
    }

    @Override
    public String toString() {
        return what + " by " + way + " of " + database;
    }

    String database() {
        return database;
    }

    boolean isOf(String other, What kind) {
        return database.equals(other) && what == kind;
    }

    /**
     * Whether it puts another's file itself in the place of a sidecar. Only a user who may write to that file can do so
     * where the kernel protects hard links: see {@code docs/internals/locations.md#hard-links}.
     */
    boolean isHardLinkOfSidecar() {
        return what == What.SIDECAR && way == Way.RENAME;
    }

    Undo swap() throws IOException {
        Path folder = site.folder(database);
        return switch (what) {
            case FILE -> swapFile(folder.resolve(SwapSite.MAIN));
            case EXTRA_FILE -> swapFile(folder.resolve(SwapSite.EXTRA));
            case SIDECAR -> swapSidecar(folder.resolve(SwapSite.MAIN + one("-wal", "-shm", "-journal")));
            case FOLDER -> swapFolder(folder, one(site.data(), site.folder("blog"), decoy(Way.LINK)));
            case DIRECTORY ->
                swapFolder(
                        folder.resolve(SwapSite.DIRECTORY),
                        one(
                                site.data(),
                                site.folder("blog").resolve(SwapSite.DIRECTORY),
                                site.folder("blog"),
                                decoy(Way.LINK)));
        };
    }

    @SafeVarargs
    private <T> T one(T... of) {
        return of[random.nextInt(of.length)];
    }

    private Path target() {
        Path blog = site.folder("blog");
        return one(
                site.catalogue(),
                site.catalogue().resolveSibling("holdfast.db-wal"),
                site.data().resolve("jwt-secret"),
                blog.resolve(SwapSite.MAIN),
                blog.resolve(SwapSite.MAIN + "-wal"),
                blog.resolve(SwapSite.EXTRA));
    }

    /** A new name that leads to a file of others. */
    private Path fresh(Path target) throws IOException {
        Path name = site.root().resolve("fresh");
        Files.deleteIfExists(name);
        return link(name, target, way);
    }

    private static Path link(Path name, Path target, Way way) throws IOException {
        return way == Way.LINK ? Files.createSymbolicLink(name, target) : Files.createLink(name, target);
    }

    /** A folder with the names of a database. Each leads to a file of others. */
    private Path decoy(Way by) throws IOException {
        Path decoy = site.root().resolve("decoy");
        if (Files.exists(decoy)) {
            Installation.delete(decoy);
        }
        Path others = one(site.catalogue(), site.folder("blog").resolve(SwapSite.MAIN));
        for (String name : List.of(SwapSite.MAIN, SwapSite.EXTRA)) {
            for (String end : List.of("", "-wal")) {
                Path target = others.resolveSibling(others.getFileName() + end);
                link(Files.createDirectories(decoy).resolve(name + end), target, by);
            }
        }
        return decoy;
    }

    private Undo swapFile(Path name) throws IOException {
        Path fresh = fresh(target());
        Path aside = name.resolveSibling(name.getFileName() + ".aside");
        // A program that has the database open would lose its WAL if a restore made a new main file meanwhile.
        boolean vacant = random.nextBoolean() && !Files.exists(name.resolveSibling(name.getFileName() + "-wal"));
        if (vacant) {
            Files.move(name, aside);
        } else {
            Files.createLink(aside, name);
        }
        Files.move(fresh, name, StandardCopyOption.ATOMIC_MOVE);
        return () -> Files.move(aside, name, StandardCopyOption.ATOMIC_MOVE);
    }

    private Undo swapSidecar(Path name) throws IOException {
        Path target = target();
        Files.move(fresh(target), name, StandardCopyOption.ATOMIC_MOVE);
        return () -> {
            if (Files.isSymbolicLink(name) || (Files.exists(name) && Files.isSameFile(name, target))) {
                Files.delete(name);
            }
        };
    }

    private Undo swapFolder(Path name, Path target) throws IOException {
        Path fresh = way == Way.LINK ? fresh(target) : decoy(Way.RENAME);
        Path aside = name.resolveSibling(name.getFileName() + ".aside");
        Files.move(name, aside);
        take(fresh, name);
        return () -> take(aside, name);
    }

    /** Moves a folder or link to a name. What a restore has made there meanwhile goes. */
    private static void take(Path from, Path name) throws IOException {
        for (int i = 0; ; i++) {
            try {
                remove(name);
                Files.move(from, name, StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (FileSystemException e) {
                if (i == MAX_TRIES) {
                    throw e;
                }
            }
        }
    }

    private static void remove(Path name) throws IOException {
        if (Files.isDirectory(name, LinkOption.NOFOLLOW_LINKS)) {
            Installation.delete(name);
        } else {
            Files.deleteIfExists(name);
        }
    }
}
