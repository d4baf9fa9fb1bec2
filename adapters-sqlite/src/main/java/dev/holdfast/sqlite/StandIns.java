package dev.holdfast.sqlite;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sqlite.Collation;
import org.sqlite.Function;

/**
 * Stand in for the collations and functions that a schema names and only its application has. SQLite checks no table of
 * such a database without them. With them it checks the structure; an order or a value that they decide cannot be
 * checked here.
 */
final class StandIns {
    /** Of each kind; a schema that names more is not looked at any further. */
    private static final int MOST = 100;

    private static final Pattern COLLATION = Pattern.compile("no such collation sequence: ([^\\n)]+)");
    private static final Pattern FUNCTION = Pattern.compile("(?:unknown function|no such function): ([^\\n()]+)");

    /** SQLITE_INNOCUOUS: a stand-in does nothing, so that even a schema that is not trusted may call it. */
    private static final int INNOCUOUS = 0x200000;

    private final Set<String> collations = new LinkedHashSet<>();
    private final Set<String> functions = new LinkedHashSet<>();

    boolean areNeeded() {
        return !collations.isEmpty() || !functions.isEmpty();
    }

    /** @return whether the failure was a missing name that now has a stand-in */
    boolean learn(SQLException failure) {
        String text = String.valueOf(failure.getMessage());
        return learn(COLLATION.matcher(text), collations) || learn(FUNCTION.matcher(text), functions);
    }

    private static boolean learn(Matcher matcher, Set<String> names) {
        return matcher.find() && names.size() < MOST && names.add(matcher.group(1));
    }

    void installIn(Connection connection) throws SQLException {
        for (String name : collations) {
            Collation.create(connection, name, new ByCodeUnit());
        }
        for (String name : functions) {
            Function.create(connection, name, new Nothing(), -1, Function.FLAG_DETERMINISTIC | INNOCUOUS);
        }
    }

    /** What needs one fails again from here on. */
    void removeFrom(Connection connection) throws SQLException {
        for (String name : collations) {
            Collation.destroy(connection, name);
        }
        for (String name : functions) {
            Function.destroy(connection, name);
        }
    }

    /** Whether a stand-in can be what made SQLite say this. */
    static boolean mayHaveCaused(String line) {
        return line.startsWith("row not in PRIMARY KEY order")
                || line.startsWith("NULL value in")
                || line.startsWith("CHECK constraint failed");
    }

    private static final class ByCodeUnit extends Collation {
        @Override
        protected int xCompare(String left, String right) {
            return left.compareTo(right);
        }
    }

    private static final class Nothing extends Function {
        @Override
        protected void xFunc() throws SQLException {
            result();
        }
    }
}
