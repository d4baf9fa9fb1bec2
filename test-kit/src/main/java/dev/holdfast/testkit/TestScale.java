package dev.holdfast.testkit;

/** The numbers that say how much a test does: little in {@code ./check}, much in {@code ./soak}. */
public final class TestScale {
    /** The system property that a soak sets to {@code true}. */
    public static final String SOAK = "holdfast.soak";

    private TestScale() {}

    public static int of(int inCheck, int inSoak) {
        return Boolean.getBoolean(SOAK) ? inSoak : inCheck;
    }
}
