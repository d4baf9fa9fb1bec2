package dev.holdfast.http.dialect;

import dev.holdfast.domain.profile.Profile;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Another system whose words an API speaks. */
public enum Dialect {
    POCKETBASE(Profile.POCKETBASE),
    JOBOPS(Profile.JOBOPS),
    DISPATCHARR(Profile.DISPATCHARR);

    private final Profile profile;

    Dialect(Profile profile) {
        this.profile = profile;
    }

    /** What the database that it is about has to be. */
    public Profile profile() {
        return profile;
    }

    /** As settings and addresses write it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Under which all of its addresses are; without a slash at the end. */
    public String prefix() {
        return "/" + id() + "/api";
    }

    /** Whose address this is, if any's. */
    public static Optional<Dialect> of(String path) {
        return Stream.of(values()).filter(it -> isAtOrBelow(path, it.prefix())).findAny();
    }

    static boolean isAtOrBelow(String path, String prefix) {
        return path.startsWith(prefix) && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
    }
}
