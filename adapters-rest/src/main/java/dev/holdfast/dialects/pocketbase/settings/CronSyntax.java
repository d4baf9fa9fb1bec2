package dev.holdfast.dialects.pocketbase.settings;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What PocketBase takes as a cron expression, which is less than plans do: no names of months and days, no seventh day. */
final class CronSyntax {
    private static final Set<String> MACROS =
            Set.of("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly");
    private static final Pattern TERM = Pattern.compile("(\\*|(\\d{1,9})(?:-(\\d{1,9}))?)(?:/(\\d{1,9}))?");

    private record Bounds(int least, int most) {}

    private static final List<Bounds> SEGMENTS =
            List.of(new Bounds(0, 59), new Bounds(0, 23), new Bounds(1, 31), new Bounds(1, 12), new Bounds(0, 6));

    private CronSyntax() {}

    /** What is wrong with it, if something is. */
    static Optional<String> wrong(String expression) {
        if (MACROS.contains(expression)) {
            return Optional.empty();
        }
        String[] segments = expression.split(" ", -1);
        if (segments.length != SEGMENTS.size()) {
            return Optional.of("Invalid cron expression - must be a valid macro or to have exactly 5 space separated"
                    + " segments.");
        }
        for (int i = 0; i < segments.length; i++) {
            for (String term : segments[i].split(",", -1)) {
                if (!fits(term, SEGMENTS.get(i))) {
                    return Optional.of("Invalid cron expression - segment " + (i + 1)
                            + " must consist of *, numbers from "
                            + SEGMENTS.get(i).least() + " to " + SEGMENTS.get(i).most() + ", ranges and steps.");
                }
            }
        }
        return Optional.empty();
    }

    private static boolean fits(String term, Bounds bounds) {
        Matcher matcher = TERM.matcher(term);
        if (!matcher.matches()) {
            return false;
        }
        String step = matcher.group(4);
        if (step != null && (Integer.parseInt(step) < 1 || Integer.parseInt(step) > bounds.most())) {
            return false;
        }
        if (matcher.group(2) == null) {
            return true;
        }
        int first = Integer.parseInt(matcher.group(2));
        if (matcher.group(3) == null) {
            return step == null && first >= bounds.least() && first <= bounds.most();
        }
        int last = Integer.parseInt(matcher.group(3));
        return first >= bounds.least() && first <= last && last <= bounds.most();
    }
}
