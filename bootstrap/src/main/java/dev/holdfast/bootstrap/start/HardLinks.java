package dev.holdfast.bootstrap.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Whether the kernel lets users give files of others a second name. See {@code docs/internals/locations.md#hard-links}. */
public final class HardLinks {
    /** See proc_sys_fs(5). */
    public static final Path PROTECTION = Path.of("/proc/sys/fs/protected_hardlinks");

    private HardLinks() {}

    /** @return empty where the setting does not exist: on another system, or without {@code /proc} */
    public static List<String> warnings(Path protection) throws IOException {
        try {
            return Files.readString(protection).strip().equals("0")
                    ? List.of(
                            "The kernel lets any user make hard links to files of others (fs.protected_hardlinks = 0). A"
                                    + " user who may write to the folder of a database can then have SQLite write to a file of"
                                    + " this server or of another database. Set it: sysctl -w fs.protected_hardlinks=1")
                    : List.of();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }
}
