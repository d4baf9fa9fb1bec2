package dev.holdfast.bootstrap.settings;

import java.util.List;

/** A setting that stops the start. Its message is one line: key, value, what is allowed; of several settings a line each. */
public final class WrongSetting extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongSetting(String key, Object value, String expected) {
        super(key + ": " + oneLine(value) + " (expected: " + expected + ")");
    }

    /** @param what names the value and what is allowed */
    WrongSetting(String key, String what) {
        super(key + ": " + what);
    }

    private WrongSetting(String message) {
        super(message);
    }

    static WrongSetting several(List<String> lines) {
        return new WrongSetting(String.join("\n", lines));
    }

    private static String oneLine(Object value) {
        String text = String.valueOf(value).replaceAll("\\p{Cntrl}+", " ");
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }
}
