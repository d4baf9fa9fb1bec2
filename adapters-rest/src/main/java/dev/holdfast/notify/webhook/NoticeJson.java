package dev.holdfast.notify.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.holdfast.application.notice.Notification;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** What a webhook is sent. Written by hand: the signature holds for these bytes, in this order. */
final class NoticeJson {
    private static final JsonFactory JSON = new JsonFactory();

    private NoticeJson() {}

    static byte[] of(Notification notice) {
        var text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("event", notice.kind().id());
            json.writeStringField("database", notice.database().value());
            json.writeStringField("at", DateTimeFormatter.ISO_INSTANT.format(notice.at()));
            json.writeStringField("text", notice.text());
            write(json, "operation", notice.operation());
            write(json, "backup", notice.backup());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("into memory", e);
        }
        return text.toString().getBytes(UTF_8);
    }

    private static void write(JsonGenerator json, String field, Optional<?> value) throws IOException {
        json.writeFieldName(field);
        if (value.isPresent()) {
            json.writeString(value.get().toString());
        } else {
            json.writeNull();
        }
    }
}
