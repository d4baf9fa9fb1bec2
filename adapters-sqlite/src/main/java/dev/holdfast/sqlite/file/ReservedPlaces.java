package dev.holdfast.sqlite.file;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What no path of a source may lead to.
 *
 * @param files of the server, each with whose it is as a message names it; they need not exist
 * @param folders of the server and of the backups, in the same way
 * @param chosen further folders of backups as they are now, in the same way
 */
public record ReservedPlaces(Map<Path, String> files, Map<Path, String> folders, Supplier<Map<Path, String>> chosen) {
    public static final ReservedPlaces NONE = new ReservedPlaces(Map.of(), Map.of());

    public ReservedPlaces {
        files = Map.copyOf(files);
        folders = Map.copyOf(folders);
    }

    public ReservedPlaces(Map<Path, String> files, Map<Path, String> folders) {
        this(files, folders, Map::of);
    }

    public ReservedPlaces with(Supplier<Map<Path, String>> newChosen) {
        return new ReservedPlaces(files, folders, newChosen);
    }

    Map<Path, String> allFolders() {
        Map<Path, String> all = new HashMap<>(chosen.get());
        all.putAll(folders);
        return all;
    }
}
