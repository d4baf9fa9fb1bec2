package dev.holdfast.dialects.pocketbase.upload;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Tells a zip from what is written as one but called something else, as PocketBase does: by the names of the members
 * whose headers are among the first bytes. See {@code docs/contracts/pocketbase.md#types-of-uploads}.
 */
final class ZipBasedFormats {
    private static final String HEADER = "PK\3\4";
    private static final int NAME_LENGTH_AT = 26;
    private static final int NAME_AT = 30;
    private static final int MOST_NAMES = 100;

    /** The first member of OpenDocument and of EPUB, stored as it is, says what the file is. */
    private static final List<String> DECLARED = Stream.of("vnd.oasis.opendocument.", "vnd.sun.xml.", "epub+zip")
            .map("mimetypeapplication/"::concat)
            .toList();

    private static final Set<String> OF_JAVA = Set.of("META-INF/", "META-INF/MANIFEST.MF");
    private static final Set<String> OF_ANDROID_OR_MAPS = Set.of(
            "AndroidManifest.xml",
            "META-INF/com/android/build/gradle/app-metadata.properties",
            "classes.dex",
            "resources.arsc",
            "res/drawable",
            "doc.kml");
    private static final Set<String> BEFORE_OFFICE =
            Set.of("[Content_Types].xml", "_rels/.rels", "docProps", "customXml", "[trash]");
    private static final List<String> OFFICE = List.of("word/", "xl/", "ppt/", "visio/");

    private ZipBasedFormats() {}

    /** @param head the first bytes of a zip */
    static boolean isOne(byte[] head) {
        String text = new String(head, ISO_8859_1);
        if (DECLARED.stream().anyMatch(it -> text.startsWith(it, NAME_AT))) {
            return true;
        }
        List<String> names = names(text);
        return !names.isEmpty()
                && (OF_JAVA.contains(names.getFirst())
                        || names.stream().anyMatch(OF_ANDROID_OR_MAPS::contains)
                        || isOffice(names));
    }

    /** What stands after whatever looks like a member's header; where that begins is not told reliably by the one before. */
    private static List<String> names(String text) {
        var names = new ArrayList<String>();
        for (int at = text.indexOf(HEADER);
                at >= 0 && at + NAME_AT <= text.length() && names.size() < MOST_NAMES;
                at = text.indexOf(HEADER, at + NAME_AT)) {
            int length = text.charAt(at + NAME_LENGTH_AT) + (text.charAt(at + NAME_LENGTH_AT + 1) << 8);
            if (at + NAME_AT + length <= text.length()) {
                names.add(text.substring(at + NAME_AT, at + NAME_AT + length));
            }
        }
        return names;
    }

    private static boolean isOffice(List<String> names) {
        return (BEFORE_OFFICE.contains(names.getFirst()) || isOfOffice(names.getFirst()))
                && names.stream().anyMatch(ZipBasedFormats::isOfOffice);
    }

    private static boolean isOfOffice(String name) {
        return OFFICE.stream().anyMatch(name::startsWith);
    }
}
