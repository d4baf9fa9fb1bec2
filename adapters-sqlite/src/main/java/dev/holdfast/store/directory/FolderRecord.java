package dev.holdfast.store.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.store.folder.FolderRule;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.OwnFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The content of {@code folders.json} in the backup directory, as one JSON object. A folder below the backup directory is
 * written relative to it, so that both can move together. Fields that a later version adds are passed over.
 *
 * @param chosen the folder that new backups go to; empty for the backup directory
 * @param folders all that have ever been chosen, in the order of their choice
 */
record FolderRecord(Optional<String> chosen, Set<String> folders) {
    static final FolderRecord NONE = new FolderRecord(Optional.empty(), Set.of());

    /** Becomes another number only when a field of today changes its meaning. */
    private static final int VERSION = 1;

    private static final int MAX_BYTES = 1 << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static Path in(Folders main) {
        return main.own().resolve("folders.json");
    }

    /** As the record has it with another choice, and with all {@code known} folders. */
    FolderRecord choosing(Optional<String> folder, Set<String> known) {
        Set<String> all = new LinkedHashSet<>(folders);
        all.addAll(new TreeSet<>(known));
        folder.ifPresent(all::add);
        return new FolderRecord(folder, all);
    }

    byte[] write() throws IOException {
        ObjectNode json = JSON.createObjectNode().put("format", VERSION);
        chosen.ifPresent(it -> json.put("chosen", it));
        ArrayNode array = json.putArray("folders");
        folders.forEach(array::add);
        return JSON.writeValueAsBytes(json);
    }

    /** Nothing behind a symbolic link is this store's. Opening a pipe would block. */
    static FolderRecord read(Folders main) throws IOException {
        Path file = in(main);
        if (!Files.isDirectory(main.own(), NOFOLLOW_LINKS)) {
            Folders.requireToBeMissing(main.own());
            return NONE;
        }
        try {
            if (!Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS)
                    .isRegularFile()) {
                throw unreadable(file, "it is no regular file");
            }
            return read(OwnFiles.read(file, MAX_BYTES), file);
        } catch (NoSuchFileException e) {
            return NONE;
        } catch (OwnFiles.TooLargeException e) {
            throw unreadable(file, "it has more than " + MAX_BYTES + " bytes");
        }
    }

    private static FolderRecord read(byte[] text, Path file) throws IOException {
        try {
            JsonNode json = JSON.readTree(text);
            int format = json.path("format").asInt();
            if (format != VERSION) {
                throw unreadable(file, "format: " + format + " (expected: " + VERSION + ")");
            }
            Set<String> folders = new LinkedHashSet<>();
            for (JsonNode folder : json.path("folders")) {
                folders.add(valid(folder.asText()));
            }
            JsonNode chosen = json.path("chosen");
            if (chosen.isTextual()) {
                folders.add(valid(chosen.asText()));
            }
            return new FolderRecord(
                    Optional.of(chosen).filter(JsonNode::isTextual).map(JsonNode::asText), folders);
        } catch (JsonProcessingException e) {
            throw unreadable(file, e.getOriginalMessage());
        } catch (InvalidPathException e) {
            throw unreadable(file, String.valueOf(e.getMessage()));
        }
    }

    /** A program that can write this file could name any folder: {@link FolderRule} decides whether it is used. */
    private static String valid(String folder) {
        Path path = Path.of(folder);
        if (folder.isEmpty() || !path.equals(path.normalize())) {
            throw new InvalidPathException(folder, "not a folder's path");
        }
        return folder;
    }

    private static ProblemException unreadable(Path file, String why) {
        return new ProblemException(new Problem.StoreUnavailable("The record " + file
                + " of the folders that hold backups cannot be read: " + why
                + ". No backup is listed, written or removed until it can. Put the file back from a copy; without the file,"
                + " the folders that the server remembers are used."));
    }
}
