package dev.holdfast.store.directory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.holdfast.store.folder.Folders;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which of several servers that write to one directory does a thing that is to be done once. */
final class RunClaims {
    /** Older ones are of times that nobody asks for again. */
    private static final int KEPT = 100;

    private final Folders folders;
    private final String owner;

    RunClaims(Folders folders, String owner) {
        this.folders = folders;
        this.owner = owner;
    }

    /** By a link, which fails where the name is taken: so a claim is there with its owner's name or not at all. */
    boolean take(String name) throws IOException {
        Path claim = folders.claims().resolve(name);
        Path part = folders.createPart();
        try {
            Files.writeString(part, owner);
            Files.createLink(claim, part);
            forgetOldest(claim);
            return true;
        } catch (FileAlreadyExistsException e) {
            return isOurs(claim);
        } catch (UnsupportedOperationException | FileSystemException e) {
            return takeWithoutLinks(claim);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Where a server dies between the two steps, the claim is nobody's, and the thing is left to the next time. */
    private boolean takeWithoutLinks(Path claim) throws IOException {
        try {
            Files.createFile(claim);
            Files.writeString(claim, owner);
            return true;
        } catch (FileAlreadyExistsException e) {
            return isOurs(claim);
        }
    }

    /** A claim that is not a regular file is not ours; opening a pipe would block. */
    private boolean isOurs(Path claim) throws IOException {
        return Files.isRegularFile(claim, NOFOLLOW_LINKS)
                && Files.readString(claim, UTF_8).equals(owner);
    }

    private void forgetOldest(Path made) throws IOException {
        List<Path> claims = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folders.claims())) {
            files.forEach(claims::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        claims.sort(null);
        for (Path claim : claims.subList(0, Math.max(0, claims.size() - KEPT))) {
            if (!claim.equals(made)) {
                Files.deleteIfExists(claim);
            }
        }
    }
}
