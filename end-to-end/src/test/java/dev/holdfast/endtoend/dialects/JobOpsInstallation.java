package dev.holdfast.endtoend.dialects;

import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A data directory as JobOps lays it out, for each test, and how a server with JobOps' API is started for it. */
abstract class JobOpsInstallation {
    @TempDir
    Path directory;

    Path data;
    Path jobs;
    Options options;

    @BeforeEach
    void install() throws Exception {
        data = Files.createDirectory(directory.resolve("jobops"));
        jobs = Bank.create(data.resolve("jobs.db"), "WAL", 1);
        Files.writeString(data.resolve("secrets.json"), "{}");
        Files.writeString(data.resolve("other.db"), "the application's own");
        Files.createDirectory(data.resolve("pdfs"));
        Files.writeString(data.resolve("pdfs/jobs_2026_01_01.db"), "not a backup");
        options =
                Options.in(directory.resolve("server")).config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          databases:
                            jobs: {file: "%1$s/jobs.db", profile: jobops, backup-directory: "%1$s"}
                          dialects: {root: jobops, jobops: {database: jobs}}
                        """.formatted(data));
    }
}
