package dev.holdfast.sqlite.restore;

import static java.time.ZoneOffset.UTC;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.tree.PathHandle;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/**
 * Sidecars that a restore moves out of the way of the database that it puts in. They belong to a database that is gone:
 * mixed with another one they would corrupt it, and they may hold the only copy of committed data.
 */
final class SetAside {
    private static final System.Logger LOG = System.getLogger(SetAside.class.getName());

    private static final String MARK = ".set-aside-";

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSSSSS'Z'").withZone(UTC);

    private final LiveFile file;
    private final List<Move> moves = new ArrayList<>();

    private record Move(Path was, Path is) {}

    private SetAside(LiveFile file) {
        this.file = file;
    }

    /** Moves all sidecars of the file or none. */
    static SetAside sidecarsOf(LiveFile file, InstantSource clock) throws IOException {
        SetAside aside = new SetAside(file);
        String mark = MARK + STAMP.format(clock.instant());
        try (PathHandle folder = file.holdFolder()) {
            for (Path sidecar : List.of(file.log(), file.journal(), file.sharedMemory())) {
                if (Files.exists(in(folder, sidecar), LinkOption.NOFOLLOW_LINKS)) {
                    Path is = sidecar.resolveSibling(sidecar.getFileName() + mark);
                    Files.move(in(folder, sidecar), in(folder, is));
                    aside.moves.add(new Move(sidecar, is));
                }
            }
            SecureDirectories.sync(folder.path());
            return aside;
        } catch (Throwable e) {
            aside.moveBackAfter(e);
            throw e;
        }
    }

    private static Path in(PathHandle folder, Path file) {
        return folder.child(file.getFileName().toString());
    }

    /** Undoes the moves because the restore failed before it changed anything. */
    void moveBackAfter(Throwable failure) {
        try (PathHandle folder = file.holdFolder()) {
            for (Move move : moves.reversed()) {
                Files.move(in(folder, move.is()), in(folder, move.was()));
            }
            moves.clear();
            SecureDirectories.sync(folder.path());
        } catch (IOException | ProblemException e) {
            failure.addSuppressed(e);
            moves.forEach(it -> LOG.log(Level.WARNING, text(it)));
        }
    }

    /** Names the new places, if there are any, in the log and in the result of the work. */
    void report(ProgressMonitor work) {
        for (Move move : moves) {
            LOG.log(Level.INFO, text(move));
            work.remark(text(move));
        }
    }

    /** Returns the files that restores of this database have set aside, also those that were killed before they named them. */
    static List<Path> of(LiveFile file) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path sidecar : List.of(file.log(), file.journal(), file.sharedMemory())) {
            String prefix = sidecar.getFileName() + MARK;
            try (DirectoryStream<Path> siblings = Files.newDirectoryStream(
                    file.directory(), it -> it.getFileName().toString().startsWith(prefix))) {
                siblings.forEach(found::add);
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        return found;
    }

    private static String text(Move move) {
        return move.was() + " belonged to the database that was there before and may hold committed data. It was set"
                + " aside and is " + move.is() + " now.";
    }
}
