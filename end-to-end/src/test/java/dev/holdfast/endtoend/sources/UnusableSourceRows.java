package dev.holdfast.endtoend.sources;

import dev.holdfast.endtoend.sources.SpoiledSource.Spoiling;
import io.grpc.Status;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;

/** The table of the responses to sources that the server cannot use. */
final class UnusableSourceRows {
    /** A path that SQLite opens has at most 504 bytes. With two bytes for a letter the limit is seen to be in bytes. */
    private static final String LONG_FOLDERS = "ä".repeat(120) + "/" + "ö".repeat(120) + "/";

    private static final Response MISSING = new Response(404, Status.Code.NOT_FOUND, "source-not-found");
    private static final Response CLOSED = new Response(422, Status.Code.FAILED_PRECONDITION, "source-not-accessible");
    private static final Response BUSY = new Response(503, Status.Code.UNAVAILABLE, "source-busy");
    private static final Response CORRUPT = new Response(422, Status.Code.DATA_LOSS, "source-corrupt");
    private static final Response MADE = new Response(200, Status.Code.OK, "");

    private UnusableSourceRows() {}

    /** How an application left its database. */
    enum State {
        ROLLBACK,
        /** In WAL mode, closed properly: the main file is alone. */
        WAL_CLOSED,
        /** In WAL mode, with the sidecars of a killed application. */
        WAL_LEFT,
        /** In WAL mode, an application has it open. */
        WAL_OPEN
    }

    enum Call {
        BACKUP,
        RESTORE
    }

    /** @param code empty where the call succeeds */
    record Response(int http, Status.Code grpc, String code) {}

    /**
     * @param says a part of the response's detail, or of the backup's finding
     * @param file below the row's own folder
     */
    record Row(Call call, State state, String input, Response response, String says, Spoiling spoiling, String file) {
        Row at(String file) {
            return new Row(call, state, input, response, says, spoiling, file);
        }

        @Override
        public String toString() {
            return call + ", " + state + ": " + input + " gets " + response.http + " " + response.code;
        }
    }

    private static Row backup(State state, String input, Response response, String says, Spoiling spoiling) {
        return new Row(Call.BACKUP, state, input, response, says, spoiling, "app.db");
    }

    private static Row restore(State state, String input, Response response, String says, Spoiling spoiling) {
        return new Row(Call.RESTORE, state, input, response, says, spoiling, "app.db");
    }

    static List<Row> all() {
        return Stream.of(rights(), sidecarTypes(), lockFolders(), filesMountedAlone(), emptyFiles())
                .flatMap(it -> it)
                .toList();
    }

    private static Stream<Row> sidecarTypes() {
        return Stream.of("-wal", "-shm", "-journal")
                .flatMap(end -> Stream.of(Call.values())
                        .flatMap(call -> Stream.of(
                                new Row(
                                        call,
                                        end.equals("-journal") ? State.ROLLBACK : State.WAL_CLOSED,
                                        "a pipe " + end,
                                        CLOSED,
                                        "app.db" + end + " is a pipe",
                                        it -> it.pipe(end),
                                        "app.db"),
                                new Row(
                                        call,
                                        end.equals("-journal") ? State.WAL_CLOSED : State.ROLLBACK,
                                        "a folder " + end,
                                        CLOSED,
                                        "app.db" + end + " is a directory",
                                        it -> it.directory(end),
                                        "app.db"))));
    }

    private static Stream<Row> lockFolders() {
        return Stream.of(State.ROLLBACK, State.WAL_CLOSED)
                .flatMap(state -> Stream.of(Call.values())
                        .map(call -> new Row(
                                call,
                                state,
                                "a lock folder",
                                BUSY,
                                "app.db.lock exists: another program has",
                                it -> it.directory(".lock"),
                                "app.db")));
    }

    private static Stream<Row> filesMountedAlone() {
        String folder = "Mount the folder, not the file";
        Spoiling alone = SpoiledSource::mountAlone;
        Spoiling there = SpoiledSource::applicationMountsAlone;
        return Stream.of(
                backup(State.WAL_CLOSED, "the file mounted alone", CLOSED, folder, alone),
                restore(State.WAL_CLOSED, "the file mounted alone", CLOSED, folder, alone),
                backup(State.WAL_CLOSED, "the application has the file alone", CLOSED, folder, there),
                restore(State.WAL_CLOSED, "the application has the file alone", CLOSED, folder, there),
                backup(State.ROLLBACK, "the file mounted alone", MADE, "is mounted alone", alone),
                restore(State.ROLLBACK, "the file mounted alone", CLOSED, folder, alone));
    }

    private static Stream<Row> emptyFiles() {
        return Stream.of(
                backup(
                        State.WAL_LEFT,
                        "an empty main file with a WAL",
                        CORRUPT,
                        "app.db is empty, but its WAL",
                        SpoiledSource::empty),
                backup(
                        State.WAL_LEFT,
                        "an empty main file with a WAL, without a wal-index",
                        CORRUPT,
                        "all files are unchanged",
                        it -> {
                            it.empty();
                            Files.delete(it.sibling("-shm"));
                        }));
    }

    private static Stream<Row> rights() {
        Response missing = MISSING;
        Response closed = CLOSED;
        Response made = MADE;
        String read = "let the server's user read";
        String write = "let the server's user write";
        Spoiling none = _ -> {};
        return Stream.of(
                backup(State.ROLLBACK, "a missing file", missing, "There is no file", it -> Files.delete(it.file())),
                backup(
                        State.ROLLBACK,
                        "a missing folder",
                        missing,
                        "There is no file",
                        it -> SpoiledSource.run("rm", "-r", it.folder().toString())),
                backup(
                        State.ROLLBACK,
                        "a link without target",
                        missing,
                        "the link leads nowhere: ",
                        SpoiledSource::linkToNothing),
                restore(
                        State.ROLLBACK,
                        "a link without target",
                        missing,
                        "the link leads nowhere: ",
                        SpoiledSource::linkToNothing),
                restore(
                        State.WAL_LEFT,
                        "a link without target",
                        missing,
                        "the link leads nowhere: ",
                        SpoiledSource::linkToNothing),
                backup(State.ROLLBACK, "a file of root", closed, read, it -> it.roots(it.file(), "600")),
                backup(State.WAL_LEFT, "a file of root", closed, read, it -> it.roots(it.file(), "600")),
                backup(State.WAL_OPEN, "a file of root", closed, read, it -> it.roots(it.file(), "600")),
                backup(State.ROLLBACK, "a closed folder", closed, "folder", it -> it.roots(it.folder(), "700")),
                backup(State.WAL_OPEN, "a closed folder", closed, "folder", it -> it.roots(it.folder(), "700")),
                backup(
                        State.ROLLBACK,
                        "a journal of root",
                        closed,
                        "-journal",
                        it -> it.roots(it.sibling("-journal"), "600")),
                backup(State.WAL_LEFT, "a WAL of root", closed, "-wal", it -> it.roots(it.sibling("-wal"), "600")),
                backup(State.WAL_OPEN, "a WAL of root", closed, "-wal", it -> it.roots(it.sibling("-wal"), "600")),
                backup(
                        State.WAL_LEFT,
                        "a wal-index of root",
                        closed,
                        "-shm",
                        it -> it.roots(it.sibling("-shm"), "600")),
                backup(
                        State.WAL_OPEN,
                        "a wal-index of root",
                        closed,
                        "-shm",
                        it -> it.roots(it.sibling("-shm"), "600")),
                backup(State.WAL_OPEN, "all files of root, readable by all", made, "", it -> {
                    it.roots(it.folder(), "755");
                    it.roots(it.file(), "644");
                    it.roots(it.sibling("-wal"), "644");
                    it.roots(it.sibling("-shm"), "644");
                }),
                backup(State.WAL_LEFT, "all files of root, readable by all", made, "", it -> {
                    it.roots(it.folder(), "755");
                    it.roots(it.file(), "644");
                    it.roots(it.sibling("-wal"), "644");
                    it.roots(it.sibling("-shm"), "644");
                }),
                backup(State.WAL_CLOSED, "a folder of root", made, "", it -> it.roots(it.folder(), "755")),
                backup(State.ROLLBACK, "a read-only mount", made, "", SpoiledSource::mountReadOnly),
                backup(State.WAL_CLOSED, "a read-only mount", made, "", SpoiledSource::mountReadOnly),
                backup(State.WAL_LEFT, "a read-only mount", made, "", SpoiledSource::mountReadOnly),
                backup(State.WAL_OPEN, "a read-only mount", made, "", SpoiledSource::mountReadOnly),
                backup(State.ROLLBACK, "a path of more than 504 bytes", made, "", none)
                        .at(LONG_FOLDERS + "app.db"),
                backup(State.WAL_LEFT, "a path of more than 504 bytes", made, "", none)
                        .at(LONG_FOLDERS + "app.db"),
                restore(State.ROLLBACK, "a path of more than 504 bytes", closed, "504 bytes", none)
                        .at(LONG_FOLDERS + "app.db"),
                restore(State.WAL_CLOSED, "a path of more than 504 bytes", closed, "504 bytes", none)
                        .at(LONG_FOLDERS + "app.db"),
                restore(
                                State.ROLLBACK,
                                "a missing file, a path of more than 504 bytes",
                                closed,
                                "504 bytes",
                                it -> Files.delete(it.file()))
                        .at(LONG_FOLDERS + "app.db"),
                restore(
                        State.ROLLBACK,
                        "a file of root, readable by all",
                        closed,
                        write,
                        it -> it.roots(it.file(), "644")),
                restore(
                        State.WAL_CLOSED,
                        "a file of root, readable by all",
                        closed,
                        write,
                        it -> it.roots(it.file(), "644")),
                restore(
                        State.WAL_LEFT,
                        "a file of root, readable by all",
                        closed,
                        write,
                        it -> it.roots(it.file(), "644")),
                restore(
                        State.WAL_OPEN,
                        "a file of root, readable by all",
                        closed,
                        write,
                        it -> it.roots(it.file(), "644")),
                restore(State.ROLLBACK, "an unreadable file", closed, "cannot", it -> it.roots(it.file(), "600")),
                restore(State.ROLLBACK, "a folder of root", closed, write, it -> it.roots(it.folder(), "755")),
                restore(State.WAL_CLOSED, "a folder of root", closed, write, it -> it.roots(it.folder(), "755")),
                restore(State.WAL_LEFT, "a WAL of root", closed, "-wal", it -> it.roots(it.sibling("-wal"), "644")),
                restore(State.WAL_OPEN, "a WAL of root", closed, "-wal", it -> it.roots(it.sibling("-wal"), "644")),
                restore(
                        State.WAL_LEFT,
                        "a wal-index of root",
                        closed,
                        "-shm",
                        it -> it.roots(it.sibling("-shm"), "644")),
                restore(
                        State.WAL_OPEN,
                        "a wal-index of root",
                        closed,
                        "-shm",
                        it -> it.roots(it.sibling("-shm"), "644")),
                restore(
                        State.WAL_OPEN,
                        "a wal-index of root that is unreadable",
                        closed,
                        "-shm",
                        it -> it.roots(it.sibling("-shm"), "600")),
                restore(
                        State.WAL_LEFT,
                        "an unreadable WAL",
                        closed,
                        "app.db-wal cannot be read",
                        it -> it.roots(it.sibling("-wal"), "600")),
                restore(
                        State.WAL_LEFT,
                        "an unreadable wal-index",
                        closed,
                        "app.db-shm cannot be read",
                        it -> it.roots(it.sibling("-shm"), "600")),
                restore(
                        State.ROLLBACK,
                        "a journal of root",
                        closed,
                        "-journal",
                        it -> it.roots(it.sibling("-journal"), "600")),
                restore(State.ROLLBACK, "a read-only mount", closed, "read-only", SpoiledSource::mountReadOnly),
                restore(State.WAL_CLOSED, "a read-only mount", closed, "read-only", SpoiledSource::mountReadOnly),
                restore(State.WAL_LEFT, "a read-only mount", closed, "read-only", SpoiledSource::mountReadOnly),
                restore(State.WAL_OPEN, "a read-only mount", closed, "read-only", SpoiledSource::mountReadOnly),
                restore(State.ROLLBACK, "a missing file in a folder of root", closed, write, it -> {
                    Files.delete(it.file());
                    it.roots(it.folder(), "755");
                }),
                restore(State.ROLLBACK, "a missing file on a read-only mount", closed, "read-only", it -> {
                    Files.delete(it.file());
                    it.mountReadOnly();
                }),
                restore(
                        State.ROLLBACK,
                        "a missing folder in a folder of root",
                        closed,
                        write,
                        it -> SpoiledSource.run("rm", "-r", it.folder().toString())));
    }
}
