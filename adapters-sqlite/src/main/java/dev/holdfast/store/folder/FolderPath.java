package dev.holdfast.store.folder;

import dev.holdfast.tree.FileIdentity;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A directory's path, to be opened part by part from the root. A link in it is an error, whenever it came. */
public record FolderPath(Path path) {
    public FolderPath {
        if (!path.isAbsolute() || !path.equals(path.normalize())) {
            throw new IllegalArgumentException("path: " + path + " (expected: absolute, without \"..\")");
        }
    }

    /**
     * Opens it. The caller closes.
     *
     * @throws NoSuchFileException if a part of the path is missing
     */
    int open() throws IOException {
        return open(path.getNameCount());
    }

    private int open(int parts) throws IOException {
        int open = FolderCalls.openRoot();
        for (int i = 0; i < parts; i++) {
            int above = open;
            try {
                open = FolderCalls.open(above, path.getName(i).toString(), shown(i));
            } finally {
                FolderCalls.close(above);
            }
        }
        return open;
    }

    private Path shown(int part) {
        return Path.of("/").resolve(path.subpath(0, part + 1));
    }

    /** The number of its parts that are there. */
    private int present() throws IOException {
        int open = FolderCalls.openRoot();
        try {
            for (int i = 0; i < path.getNameCount(); i++) {
                int above = open;
                try {
                    open = FolderCalls.open(above, path.getName(i).toString(), shown(i));
                } catch (NoSuchFileException e) {
                    return i;
                }
                FolderCalls.close(above);
            }
            return path.getNameCount();
        } finally {
            FolderCalls.close(open);
        }
    }

    boolean isThere() throws IOException {
        return present() == path.getNameCount();
    }

    /**
     * Returns the directories on this path that are there, the path's own last.
     *
     * @param parts of the shortest one; at least 1
     */
    public List<FolderPath> presentFrom(int parts) throws IOException {
        return IntStream.rangeClosed(parts, present())
                .mapToObj(it -> new FolderPath(shown(it - 1)))
                .toList();
    }

    /** The number of the user who owns it. */
    public Object owner() throws IOException {
        int open = open();
        try {
            return Files.getAttribute(FolderCalls.of(open), "unix:uid");
        } finally {
            FolderCalls.close(open);
        }
    }

    /**
     * Makes what is missing, durably.
     *
     * @return undoes it: removes what was made, if it is empty
     */
    public Runnable create() throws IOException {
        int first = present();
        List<Integer> made = new ArrayList<>();
        Runnable undo = () -> made.reversed().forEach(this::remove);
        boolean done = false;
        try {
            for (int i = first; i < path.getNameCount(); i++) {
                int above = open(i);
                try {
                    FolderCalls.create(above, path.getName(i).toString(), shown(i));
                    made.add(i);
                    Folders.sync(FolderCalls.of(above));
                } catch (FileAlreadyExistsException e) {
                    // Another server may have been quicker. Opening the next part fails if it is no directory.
                } finally {
                    FolderCalls.close(above);
                }
            }
            FolderCalls.close(open());
            done = true;
            return undo;
        } finally {
            if (!done) {
                undo.run();
            }
        }
    }

    private void remove(int part) {
        try {
            int above = open(part);
            try {
                FolderCalls.remove(above, path.getName(part).toString());
            } finally {
                FolderCalls.close(above);
            }
        } catch (IOException e) {
            // An empty folder stays.
        }
    }

    /** Returns whether both descriptors stand for one directory. */
    static boolean areSame(int one, int other) throws IOException {
        return FileIdentity.of(FolderCalls.of(one)).equals(FileIdentity.of(FolderCalls.of(other)));
    }
}
