package dev.holdfast.bootstrap.settings;

import java.util.List;

/** A setting that stops the start. Its message is one line: key, value, what is allowed; of several settings a line each. */
public final class InvalidSettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidSettingException(String key, Object value, String expected) {
        super(key + ": " + oneLine(value) + " (expected: " + expected + ")");
    }

    /** @param what names the value and what is allowed */
    InvalidSettingException(String key, String what) {
        super(key + ": " + what);
    }

    private InvalidSettingException(String message) {
        super(message);
    }

    static InvalidSettingException several(List<String> lines) {
        return new InvalidSettingException(String.join("\n", lines));
    }

    private static String oneLine(Object value) {
        String text = String.valueOf(value).replaceAll("\\p{Cntrl}+", " ");
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }
}
