package dev.holdfast.files.archive.member;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.domain.backup.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;

/** The list of an archive's members, which grows in a scratch file. */
public final class ManifestWriter implements AutoCloseable {
    static final String FORMAT = "holdfast-archive";
    static final int VERSION = 1;
    static final String MISSING_DATABASES = "missing_databases";
    static final String MISSING_DIRECTORIES = "missing_directories";

    /** By the bytes of their names, as {@link LeftOutNames} writes them. */
    static final String LEFT_OUT = "left_out";

    /** False if there were too many to name them all. */
    static final String LEFT_OUT_COMPLETE = "left_out_complete";

    static final String NOTES_IN_ALL = "notes_in_all";

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private final Path file;
    private final JsonGenerator json;

    /** @param file does not exist yet */
    public ManifestWriter(Path file, Instant at) throws IOException {
        this.file = file;
        json = JSON.createGenerator(
                new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW), 1 << 16));
        json.writeStartObject();
        json.writeStringField("format", FORMAT);
        json.writeNumberField("version", VERSION);
        json.writeStringField("created_at", at.toString());
        json.writeArrayFieldStart("members");
    }

    void file(String name, long size, Sha256 sha256) throws IOException {
        json.writeRaw('\n');
        json.writeStartObject();
        json.writeStringField("name", name);
        json.writeNumberField("size", size);
        json.writeStringField("sha256", sha256.hex());
        json.writeEndObject();
    }

    void directory(String name) throws IOException {
        json.writeRaw('\n');
        json.writeStartObject();
        json.writeStringField("name", name + "/");
        json.writeEndObject();
    }

    /**
     * @param missingDatabases of the source that were not there, as a restore calls them
     * @param missingDirectories likewise
     * @param leftOut files of directories that were there and are not in the archive
     * @return the file, which is complete now
     */
    public Path finish(
            ArchiveWarnings notes, List<String> missingDatabases, List<String> missingDirectories, LeftOutNames leftOut)
            throws IOException {
        json.writeEndArray();
        names(MISSING_DATABASES, missingDatabases);
        names(MISSING_DIRECTORIES, missingDirectories);
        names(LEFT_OUT, leftOut.names());
        json.writeBooleanField(LEFT_OUT_COMPLETE, leftOut.isComplete());
        json.writeArrayFieldStart("notes");
        for (String note : notes.kept()) {
            json.writeString(note);
        }
        json.writeEndArray();
        json.writeNumberField(NOTES_IN_ALL, notes.count());
        json.writeEndObject();
        json.close();
        return file;
    }

    private void names(String field, Iterable<String> names) throws IOException {
        json.writeArrayFieldStart(field);
        for (String name : names) {
            json.writeString(name);
        }
        json.writeEndArray();
    }

    @Override
    public void close() throws IOException {
        json.close();
    }
}
