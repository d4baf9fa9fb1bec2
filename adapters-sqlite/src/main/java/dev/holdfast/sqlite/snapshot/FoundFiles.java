package dev.holdfast.sqlite.snapshot;

import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.io.FileState;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A main file and its sidecars as {@code stat} reported them at one moment. */
record FoundFiles(LiveFile file, List<Optional<FileState>> states) {
    private static final int MAIN = 0;
    private static final int WAL = 1;
    private static final int WAL_INDEX = 2;
    private static final int JOURNAL = 3;

    static FoundFiles of(LiveFile file) throws IOException {
        List<Optional<FileState>> states = new ArrayList<>();
        for (Path path : List.of(file.path(), file.log(), file.sharedMemory(), file.journal())) {
            states.add(state(path));
        }
        return new FoundFiles(file, states);
    }

    private static Optional<FileState> state(Path path) throws IOException {
        try {
            return Optional.of(FileState.of(path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The name, device and inode of one of the files. */
    record Identity(int role, long device, long inode) {}

    /** Returns which files there are, whatever they hold. */
    Set<Identity> identities() {
        Set<Identity> identities = new HashSet<>();
        for (int role = 0; role < states.size(); role++) {
            int known = role;
            states.get(role).ifPresent(it -> identities.add(new Identity(known, it.device(), it.inode())));
        }
        return identities;
    }

    /** Returns which main file and which wal-index there are. */
    Set<Identity> mainFileAndWalIndex() {
        return identities().stream()
                .filter(it -> it.role() == MAIN || it.role() == WAL_INDEX)
                .collect(Collectors.toSet());
    }

    /** Returns whether the main file is this one, whatever was written to it. */
    boolean hasMainFile(FileState state) {
        return states.getFirst().filter(state::isSameFile).isPresent();
    }

    boolean areUnchanged() throws IOException {
        return equals(of(file));
    }

    /**
     * Returns whether the main file was not written to since, and there is a rollback journal only if there was one.
     *
     * @param wal whether the WAL has to be the same file, and no shorter
     */
    boolean isMainFileUnchanged(boolean wal) throws IOException {
        FoundFiles now = of(file);
        return states.get(MAIN).equals(now.states.get(MAIN))
                && states.get(JOURNAL).equals(now.states.get(JOURNAL))
                && (!wal || isContinued(states.get(WAL), now.states.get(WAL)));
    }

    private static boolean isContinued(Optional<FileState> before, Optional<FileState> now) {
        return before.isPresent()
                && now.isPresent()
                && before.get().isSameFile(now.get())
                && now.get().size() >= before.get().size();
    }
}
