package dev.holdfast.bootstrap.settings;

/**
 * The number of letters by which two texts differ: one that is missing, added or another, or two neighbours that are
 * exchanged, counts as one (optimal string alignment).
 */
final class Misspelling {
    private Misspelling() {}

    static int between(String one, String other) {
        int same = 0;
        int shorter = Math.min(one.length(), other.length());
        while (same < shorter && one.charAt(same) == other.charAt(same)) {
            same++;
        }
        String rest = other.substring(same);
        return ofPrefixes(one.substring(same), rest)[rest.length()];
    }

    /** Returns the distance of {@code one} from each prefix of {@code other}, by the prefix's length. */
    static int[] ofPrefixes(String one, String other) {
        int[] beforeLast = {};
        int[] last = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] next = new int[other.length() + 1];
            next[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                boolean same = one.charAt(i - 1) == other.charAt(j - 1);
                next[j] = Math.min(Math.min(last[j], next[j - 1]) + 1, last[j - 1] + (same ? 0 : 1));
                if (i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1)) {
                    next[j] = Math.min(next[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = next;
        }
        return last;
    }
}
