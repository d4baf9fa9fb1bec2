package dev.holdfast.sqlite.check;

import dev.holdfast.sqlite.io.DatabaseHeader;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lines that SQLite's checks answer with, sorted into damage and remarks. See {@code docs/internals/checks.md}.
 */
final class CheckLines {
    /** Of each kind. */
    static final int MAX_LINES = 20;

    private static final int MAX_LINE_CHARACTERS = 300;

    /** Rows that break a rule of their table, which SQLite reads and copies as any other row. */
    private static final Pattern ROW = Pattern.compile(
            "(?:NULL|NUMERIC|TEXT|non-[A-Z]+) value in .*|CHECK constraint failed in .*", Pattern.DOTALL);

    private static final Pattern UNUSED_PAGE = Pattern.compile("Page (\\d+): never used");

    private final DatabaseHeader.Sqlite head;
    private final long pages;
    private final Set<String> remarks = new LinkedHashSet<>();
    private final Set<String> unexplained = new LinkedHashSet<>();
    private boolean moreRemarks;

    CheckLines(DatabaseHeader.Sqlite head, long fileSize) {
        this.head = head;
        this.pages = head.imageSize(fileSize) / head.pageSize();
    }

    void sort(String line) {
        if (ROW.matcher(line).matches()) {
            remark(line);
        } else if (isBehindTheEnd(line)) {
            remark("The file goes on behind its last page that is used. Its header does not count the pages, and SQLite"
                    + " ignores what is there.");
        } else if (unexplained.size() < MAX_LINES) {
            unexplained.add(line);
        }
    }

    /** Moves what a virtual table says of itself to the remarks. */
    void explain(String lineOfVirtualTable) {
        unexplained.remove(lineOfVirtualTable);
        remark(lineOfVirtualTable.replace('\n', ' '));
    }

    /** Drops what only a stand-in says. */
    void drop(String line) {
        unexplained.remove(line);
    }

    void remark(String text) {
        if (remarks.size() < MAX_LINES) {
            remarks.add(shortened(text));
        } else {
            moreRemarks |= !remarks.contains(shortened(text));
        }
    }

    boolean areExplained() {
        return unexplained.isEmpty();
    }

    String damage() {
        return String.join("\n", unexplained.stream().map(CheckLines::shortened).toList());
    }

    Optional<String> remarks() {
        List<String> lines = new ArrayList<>(remarks);
        if (moreRemarks) {
            lines.add("There is more of this kind.");
        }
        return lines.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", lines));
    }

    /** Without a valid page count the file's end is all that SQLite knows, and other bytes may have been added there. */
    private boolean isBehindTheEnd(String line) {
        if (head.pages() > 0) {
            return false;
        }
        List<String> parts = line.lines().toList();
        long expected = pages - parts.size() + 2;
        for (String part : parts.subList(1, parts.size())) {
            Matcher unused = UNUSED_PAGE.matcher(part);
            if (!unused.matches() || Long.parseLong(unused.group(1)) != expected++) {
                return false;
            }
        }
        return parts.size() > 1 && parts.getFirst().startsWith("*** in database ");
    }

    /** Returns a part of what SQLite says, which may quote a hostile image. */
    static String shortened(String line) {
        return line.length() > MAX_LINE_CHARACTERS ? line.substring(0, MAX_LINE_CHARACTERS) + "…" : line;
    }
}
