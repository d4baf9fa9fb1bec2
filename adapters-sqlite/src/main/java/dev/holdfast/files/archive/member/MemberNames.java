package dev.holdfast.files.archive.member;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which names a member can have: those that lead to one place below the top on any system. */
public final class MemberNames {
    public static final String OWN_MANIFEST = "holdfast-manifest.json";

    private static final int MOST_BYTES = 4096;
    private static final int MOST_COMPONENT_BYTES = 255;
    private static final int MOST_LEVELS = 64;
    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*", Pattern.DOTALL);

    private MemberNames() {}

    /** @return what is wrong with the name, null if nothing is */
    static @Nullable public String fault(String name) {
        if (name.getBytes(UTF_8).length > MOST_BYTES) {
            return "is longer than " + MOST_BYTES + " bytes";
        }
        if (name.startsWith("/")) {
            return "is absolute";
        }
        if (DRIVE.matcher(name).matches()) {
            return "begins with a drive letter";
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '\\' || Character.isISOControl(c)) {
                return "holds a backslash or a control character";
            }
        }
        String[] components = name.split("/", -1);
        if (components.length > MOST_LEVELS) {
            return "is deeper than " + MOST_LEVELS + " levels";
        }
        for (String component : components) {
            if (component.isEmpty() || component.equals(".") || component.equals("..")) {
                return "has a component that is empty, \".\" or \"..\"";
            }
            if (component.getBytes(UTF_8).length > MOST_COMPONENT_BYTES) {
                return "has a component of more than " + MOST_COMPONENT_BYTES + " bytes";
            }
        }
        return null;
    }

    /** For a person: short, and on one line whatever the name holds. */
    public static String shown(String name) {
        StringBuilder shown = new StringBuilder("\"");
        name.codePoints()
                .limit(120)
                .forEach(it -> shown.appendCodePoint(
                        Character.isISOControl(it) || Character.getType(it) == Character.FORMAT ? '?' : it));
        return shown.append(name.codePointCount(0, name.length()) > 120 ? "…\"" : "\"")
                .toString();
    }
}
