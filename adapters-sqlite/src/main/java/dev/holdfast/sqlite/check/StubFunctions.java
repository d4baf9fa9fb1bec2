package dev.holdfast.sqlite.check;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sqlite.Collation;
import org.sqlite.Function;

/**
 * Stand in for the collations, functions and tokenizers that a schema names and only its application has. SQLite checks
 * no table of such a database without them. With them it checks the structure; an order, a value or a full-text index
 * that they decide cannot be checked here.
 */
public final class StubFunctions {
    /** Of each kind; a schema that names more is not looked at any further. */
    private static final int MOST = 100;

    private static final Pattern COLLATION = Pattern.compile("no such collation sequence: ([^\\n)]+)");
    private static final Pattern FUNCTION = Pattern.compile("(?:unknown function|no such function): ([^\\n()]+)");

    /** Of the modules fts3 and fts4; fts5 looks for its tokenizer only when it needs one. */
    private static final Pattern TOKENIZER = Pattern.compile("unknown tokenizer: ([^\\n]+)\\)");

    /** SQLITE_INNOCUOUS: a stand-in does nothing, so that even a schema that is not trusted may call it. */
    private static final int INNOCUOUS = 0x200000;

    private final Set<String> collations = new LinkedHashSet<>();
    private final Set<String> functions = new LinkedHashSet<>();
    private final Set<String> tokenizers = new LinkedHashSet<>();

    /** Returns whether one decides about rows or indexes, more than the content of a full-text index. */
    boolean areNeeded() {
        return !collations.isEmpty() || !functions.isEmpty();
    }

    /** @return whether the failure was a missing name that now has a stand-in */
    public boolean learn(SQLException failure) {
        String text = String.valueOf(failure.getMessage());
        return learn(COLLATION.matcher(text), collations) || learn(FUNCTION.matcher(text), functions);
    }

    /** Returns whether the failure is a missing tokenizer that now has a stand-in, or had one before. */
    boolean learnTokenizer(SQLException failure) {
        Matcher matcher = TOKENIZER.matcher(String.valueOf(failure.getMessage()));
        return matcher.find()
                && (tokenizers.contains(matcher.group(1))
                        || (tokenizers.size() < MOST && tokenizers.add(matcher.group(1))));
    }

    /** Returns whether the failure is a collation or function that is missing. */
    static boolean isForMissingName(SQLException failure) {
        String text = String.valueOf(failure.getMessage());
        return COLLATION.matcher(text).find() || FUNCTION.matcher(text).find();
    }

    /** For a person, one line for each that {@link #areNeeded}. */
    List<String> descriptions() {
        List<String> lines = new ArrayList<>();
        collations.forEach(it -> lines.add(
                "What the collation " + it + " orders was not checked, because only the" + " application has it."));
        functions.forEach(it -> lines.add(
                "What the function " + it + " calculates was not checked, because only the" + " application has it."));
        return lines;
    }

    private static boolean learn(Matcher matcher, Set<String> names) {
        return matcher.find() && names.size() < MOST && names.add(matcher.group(1));
    }

    public void installIn(Connection connection) throws SQLException {
        for (String name : collations) {
            Collation.create(connection, name, new ByCodeUnit());
        }
        for (String name : functions) {
            Function.create(connection, name, new Nothing(), -1, Function.FLAG_DETERMINISTIC | INNOCUOUS);
        }
        if (!tokenizers.isEmpty()) {
            byte[] porter = porter(connection);
            for (String name : tokenizers) {
                register(connection, name, porter);
            }
        }
    }

    /** A tokenizer that takes any arguments. SQLite hands it out for bound parameters only, and takes it likewise. */
    private static byte[] porter(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT fts3_tokenizer(?)")) {
            statement.setString(1, "porter");
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getBytes(1);
            }
        }
    }

    private static void register(Connection connection, String name, byte[] tokenizer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT fts3_tokenizer(?, ?)")) {
            statement.setString(1, name);
            statement.setBytes(2, tokenizer);
            statement.executeQuery().close();
        }
    }

    /** What needs one fails again from here on. */
    public void removeFrom(Connection connection) throws SQLException {
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
