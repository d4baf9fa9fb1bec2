package dev.holdfast.sqlite.dump;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * SQLite's values in JSON: null, {@link Long} or {@link Integer}, {@link Double}, {@link String}, {@link RawText} and
 * {@code byte[]}.
 */
final class Values {
    private Values() {}

    static void write(JsonGenerator json, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> json.writeNull();
            case Integer number -> json.writeNumber(number);
            case Long number -> json.writeNumber(number);
            case Double real
            when Double.isInfinite(real) -> {
                json.writeStartObject();
                json.writeStringField(DumpFormat.REAL, real.toString());
                json.writeEndObject();
            }
            case Double real -> json.writeNumber(real);
            case String text -> json.writeString(text);
            case RawText(byte[] bytes) -> writeBytes(json, DumpFormat.TEXT, bytes);
            case byte[] bytes -> writeBytes(json, DumpFormat.BLOB, bytes);
            default -> throw new IllegalArgumentException("a value of " + value.getClass());
        }
    }

    private static void writeBytes(JsonGenerator json, String tag, byte[] bytes) throws IOException {
        json.writeStartObject();
        json.writeFieldName(tag);
        json.writeBinary(Base64Variants.MIME_NO_LINEFEEDS, bytes, 0, bytes.length);
        json.writeEndObject();
    }

    /** Roughly what it takes in memory. */
    static long size(@Nullable Object value) {
        return switch (value) {
            case String text -> text.length();
            case RawText(byte[] bytes) -> bytes.length;
            case byte[] bytes -> bytes.length;
            case null, default -> 8;
        };
    }

    /**
     * Reads from the token that the parser stands at.
     *
     * @param most bytes or characters that this value may have
     */
    static @Nullable Object read(JsonParser json, long most) throws IOException, UnfitException {
        return switch (json.currentToken()) {
            case VALUE_NULL -> null;
            case VALUE_NUMBER_INT -> json.getLongValue();
            case VALUE_NUMBER_FLOAT -> real(json);
            case VALUE_STRING -> text(json);
            case START_OBJECT -> tagged(json, most);
            case null, default -> throw new UnfitException("It has a value that a dump does not have.");
        };
    }

    private static Double real(JsonParser json) throws IOException, UnfitException {
        double real = json.getDoubleValue();
        if (Double.isInfinite(real)) {
            throw new UnfitException("It has a real number that is out of range.");
        }
        return real;
    }

    /** SQLite has no text with half a surrogate pair in it. */
    static String text(JsonParser json) throws IOException, UnfitException {
        String text = json.getText();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (Character.isSurrogate(c)) {
                boolean paired = Character.isHighSurrogate(c)
                        && at + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(at + 1));
                if (!paired) {
                    throw new UnfitException("It has a text with half a surrogate pair.");
                }
                at++;
            }
        }
        return text;
    }

    private static Object tagged(JsonParser json, long most) throws IOException, UnfitException {
        String tag = String.valueOf(json.nextFieldName());
        if (json.nextToken() != JsonToken.VALUE_STRING) {
            throw new UnfitException("It has a value that a dump does not have.");
        }
        Object value = switch (tag) {
            case DumpFormat.BLOB -> bytes(json, most);
            case DumpFormat.TEXT -> new RawText(bytes(json, most));
            case DumpFormat.REAL -> infinity(json.getText());
            default -> throw new UnfitException("It has a value tagged as nothing that a dump knows.");
        };
        if (json.nextToken() != JsonToken.END_OBJECT) {
            throw new UnfitException("It has a value that a dump does not have.");
        }
        return value;
    }

    private static Double infinity(String text) throws UnfitException {
        return switch (text) {
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> throw new UnfitException("It has a real number that no dump has.");
        };
    }

    private static byte[] bytes(JsonParser json, long most) throws IOException, UnfitException {
        Bounded bytes = new Bounded(most);
        try {
            json.readBinaryValue(Base64Variants.MIME_NO_LINEFEEDS, bytes);
        } catch (TooLargeException e) {
            throw new UnfitException(ContentErrors.tooLarge("A row"), e);
        } catch (IllegalArgumentException e) {
            throw new UnfitException("It has a value that is not base64.", e);
        }
        return bytes.toByteArray();
    }

    private static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Bounded extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final long most;

        Bounded(long most) {
            this.most = most;
        }

        byte[] toByteArray() {
            return bytes.toByteArray();
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            if (bytes.size() + (long) length > most) {
                throw new TooLargeException();
            }
            bytes.write(from, offset, length);
        }
    }
}
