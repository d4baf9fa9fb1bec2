package dev.holdfast.files.archive.member;

import static dev.holdfast.files.archive.member.ArchiveRejectedException.damaged;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.domain.backup.Sha256;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/** What was read of each member, in a scratch file, until it can be compared with the archive's own list. */
public final class MemberChecksums implements AutoCloseable {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MOST_MISSING = 1000;

    private final Path file;
    private final DataOutputStream out;
    private final Set<String> missingDatabases = new HashSet<>();
    private final Set<String> missingDirectories = new HashSet<>();
    private final LeftOutNames leftOut = new LeftOutNames();
    private boolean namesLeftOut;
    private boolean isComplete = true;
    private long notes;
    private long count;

    public MemberChecksums(Path file) throws IOException {
        this.file = file;
        out = new DataOutputStream(
                new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW), 1 << 16));
    }

    public void add(Member member, long size, byte[] sha256) throws IOException {
        out.writeUTF(member.directory() ? member.name() + "/" : member.name());
        out.writeLong(size);
        out.write(sha256);
        count++;
    }

    /** @throws ArchiveRejectedException unless {@code manifest} lists just what was read, in the same order */
    public void compare(Path manifest) throws IOException {
        out.flush();
        try (DataInputStream read = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
                InputStream in = new BufferedInputStream(Files.newInputStream(manifest), 1 << 16);
                JsonParser json = JSON.createParser(in)) {
            compare(read, json);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw damaged("the archive's own list is garbled");
        }
    }

    private void compare(DataInputStream read, JsonParser json) throws IOException {
        boolean seen = false;
        require(json.nextToken() == JsonToken.START_OBJECT);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            switch (field) {
                case "format" -> require(ManifestWriter.FORMAT.equals(json.getValueAsString()));
                case "version" -> require(json.getValueAsLong() == ManifestWriter.VERSION);
                case "members" -> {
                    require(value == JsonToken.START_ARRAY && !seen);
                    seen = true;
                    members(read, json);
                }
                case ManifestWriter.MISSING_DATABASES -> names(missingDatabases, value, json);
                case ManifestWriter.MISSING_DIRECTORIES -> names(missingDirectories, value, json);
                case ManifestWriter.LEFT_OUT -> leftOut(value, json);
                case ManifestWriter.LEFT_OUT_COMPLETE -> isComplete = json.getBooleanValue();
                case ManifestWriter.NOTES_IN_ALL -> notes = json.getLongValue();
                default -> json.skipChildren();
            }
        }
        require(seen);
    }

    private void leftOut(JsonToken value, JsonParser json) throws IOException {
        require(value == JsonToken.START_ARRAY);
        while (json.nextToken() == JsonToken.VALUE_STRING) {
            leftOut.add(json.getText());
        }
        require(json.currentToken() == JsonToken.END_ARRAY);
        namesLeftOut = true;
    }

    /** What the manifest says was not recorded. One of an earlier Holdfast has remarks on such files, not their names. */
    public LeftOutNames leftOut() {
        return (namesLeftOut ? isComplete : notes == 0) ? leftOut : LeftOutNames.unknown();
    }

    private static void names(Set<String> names, JsonToken value, JsonParser json) throws IOException {
        require(value == JsonToken.START_ARRAY);
        while (json.nextToken() == JsonToken.VALUE_STRING) {
            require(names.size() < MOST_MISSING);
            names.add(json.getText());
        }
        require(json.currentToken() == JsonToken.END_ARRAY);
    }

    /** Databases that the manifest says were not there when the archive was made. */
    public Set<String> missingDatabases() {
        return Collections.unmodifiableSet(missingDatabases);
    }

    /** Likewise directories. */
    public Set<String> missingDirectories() {
        return Collections.unmodifiableSet(missingDirectories);
    }

    private void members(DataInputStream read, JsonParser json) throws IOException {
        long left = count;
        while (json.nextToken() == JsonToken.START_OBJECT) {
            String name = "";
            long size = 0;
            String sha256 = "";
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "name" -> name = json.getText();
                    case "size" -> size = json.getLongValue();
                    case "sha256" -> sha256 = json.getText();
                    default -> json.skipChildren();
                }
            }
            if (left-- == 0) {
                throw damaged("the member " + MemberNames.shown(name) + " is missing");
            }
            compare(read, name, size, sha256);
        }
        if (left > 0) {
            throw damaged("the archive holds members that its own list does not name");
        }
    }

    private static void compare(DataInputStream read, String name, long size, String sha256) throws IOException {
        String actual = read.readUTF();
        long actualSize = read.readLong();
        byte[] actualDigest = read.readNBytes(32);
        if (!actual.equals(name)) {
            throw damaged("the archive's own list names " + MemberNames.shown(name) + " where "
                    + MemberNames.shown(actual) + " is");
        }
        boolean directory = name.endsWith("/");
        if (actualSize != size || (!directory && !Arrays.equals(new Sha256(sha256).bytes(), actualDigest))) {
            throw damaged(
                    "the member " + MemberNames.shown(name) + " has not the size or SHA-256 of the archive's own list");
        }
    }

    private static void require(boolean fits) throws ArchiveRejectedException {
        if (!fits) {
            throw damaged("the archive's own list is garbled");
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
