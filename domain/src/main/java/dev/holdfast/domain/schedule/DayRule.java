package dev.holdfast.domain.schedule;

/**
 * How the two day fields of a cron line combine. Systems differ, so whoever reads a line says which rule it is
 * written for.
 */
public enum DayRule {
    /**
     * As Vixie cron: where both fields are restricted, a day that either of them matches. A field that begins with
     * {@code *}, as {@code *}{@code /2} does, is not restricted; with one such field both have to match.
     */
    EITHER,
    /** As PocketBase and Celery, Dispatcharr's scheduler: a day that both match, whatever they say. */
    BOTH
}
