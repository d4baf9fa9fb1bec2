package dev.holdfast.endtoend.dialects;

import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.PairOfFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A data directory as PocketBase lays it out, and a server that speaks PocketBase's API for it, also at the root. */
final class PocketBaseInstallation {
    static final String EMAIL = "admin@example.com";
    static final String PASSWORD = "password of admin";

    private PocketBaseInstallation() {}

    static Path data(Path directory) throws Exception {
        Path data = Files.createDirectory(directory.resolve("pb_data"));
        PairOfFiles.create(data.resolve("data.db"), data.resolve("auxiliary.db"), "WAL");
        Path record = Files.createDirectories(data.resolve("storage/pbc_1/r0c1d2e3f4g5h6i"));
        Files.write(record.resolve("photo_x1y2z3a4b5.jpg"), new byte[300_000]);
        Files.writeString(record.resolve("photo_x1y2z3a4b5.jpg.attrs"), "{\"user.content_type\":\"image/jpeg\"}");
        Files.createDirectories(record.resolve("thumbs_photo_x1y2z3a4b5.jpg"));
        Files.writeString(record.resolve("thumbs_photo_x1y2z3a4b5.jpg/100x100"), "small");
        return data;
    }

    static Options options(Path directory, Path data) throws IOException {
        return Options.in(directory.resolve("server")).config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          databases:
                            pb:
                              file: "%1$s/data.db"
                              extra-files: ["%1$s/auxiliary.db"]
                              directories: ["%1$s/storage"]
                              profile: pocketbase
                          dialects: {root: pocketbase, pocketbase: {database: pb}}
                        """.formatted(data));
    }

    static Options withAccounts(Options options) {
        return options.env("HOLDFAST_AUTH_ENABLED", "true")
                .env("HOLDFAST_ADMIN_USERNAME", EMAIL)
                .env("HOLDFAST_ADMIN_PASSWORD", PASSWORD);
    }
}
