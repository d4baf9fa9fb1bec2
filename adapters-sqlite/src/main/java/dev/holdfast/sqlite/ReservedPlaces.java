package dev.holdfast.sqlite;

import java.nio.file.Path;
import java.util.Map;

/**
 * What no path of a source may lead to.
 *
 * @param files of the server, each with whose it is as a message names it; they need not exist
 * @param folders of the server and of the backups, in the same way
 */
public record ReservedPlaces(Map<Path, String> files, Map<Path, String> folders) {
    public static final ReservedPlaces NONE = new ReservedPlaces(Map.of(), Map.of());

    public ReservedPlaces {
        files = Map.copyOf(files);
        folders = Map.copyOf(folders);
    }
}
