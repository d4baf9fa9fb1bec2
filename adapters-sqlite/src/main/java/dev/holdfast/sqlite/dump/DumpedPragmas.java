package dev.holdfast.sqlite.dump;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import dev.holdfast.sqlite.io.Connections;
import java.nio.charset.Charset;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a database's header says that belongs to its content, in the order in which it has to be set. */
record DumpedPragmas(long pageSize, String encoding, long autoVacuum, long userVersion, long applicationId) {
    static final List<String> NAMES = List.of("page_size", "encoding", "auto_vacuum", "user_version", "application_id");

    static DumpedPragmas of(Connection connection) throws SQLException {
        return new DumpedPragmas(
                Long.parseLong(Connections.ask(connection, "PRAGMA page_size")),
                Connections.ask(connection, "PRAGMA encoding"),
                Long.parseLong(Connections.ask(connection, "PRAGMA auto_vacuum")),
                Long.parseLong(Connections.ask(connection, "PRAGMA user_version")),
                Long.parseLong(Connections.ask(connection, "PRAGMA application_id")));
    }

    /** @param values as a dump has them, for each of {@link #NAMES} */
    static DumpedPragmas of(List<? extends @Nullable Object> values) throws UnfitException {
        if (values.get(0) instanceof Long pageSize
                && values.get(1) instanceof String encoding
                && values.get(2) instanceof Long autoVacuum
                && values.get(3) instanceof Long userVersion
                && values.get(4) instanceof Long applicationId
                && pageSize >= 512
                && pageSize <= 65536
                && Long.bitCount(pageSize) == 1
                && List.of("UTF-8", "UTF-16le", "UTF-16be").contains(encoding)
                && autoVacuum >= 0
                && autoVacuum <= 2
                && userVersion == (int) (long) userVersion
                && applicationId == (int) (long) applicationId) {
            return new DumpedPragmas(pageSize, encoding, autoVacuum, userVersion, applicationId);
        }
        throw new UnfitException("It begins with pragmas that no database has.");
    }

    List<Object> values() {
        return List.of(pageSize, encoding, autoVacuum, userVersion, applicationId);
    }

    Charset charset() {
        return switch (encoding) {
            case "UTF-16le" -> UTF_16LE;
            case "UTF-16be" -> UTF_16BE;
            default -> UTF_8;
        };
    }

    /** To be called before anything else is done there. */
    void applyTo(Connection connection) throws SQLException {
        Connections.execute(connection, "PRAGMA page_size=" + pageSize);
        Connections.execute(connection, "PRAGMA encoding='" + encoding + "'");
        Connections.execute(connection, "PRAGMA auto_vacuum=" + autoVacuum);
    }

    /** These lie in the first page and are written with the rest. */
    void stamp(Connection connection) throws SQLException {
        Connections.execute(connection, "PRAGMA user_version=" + userVersion);
        Connections.execute(connection, "PRAGMA application_id=" + applicationId);
    }
}
