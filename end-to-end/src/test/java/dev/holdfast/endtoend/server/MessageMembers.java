package dev.holdfast.endtoend.server;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Messages in the form of {@link BackupApi}'s answers. */
final class MessageMembers {
    private MessageMembers() {}

    static Map<String, Object> of(MessageOrBuilder message) {
        var members = new TreeMap<String, Object>();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.isMapField()) {
                members.put(field.getName(), pairs(message, field));
            } else if (field.isRepeated()) {
                members.put(
                        field.getName(),
                        ((List<?>) message.getField(field))
                                .stream().map(MessageMembers::value).toList());
            } else if (!field.hasPresence() || message.hasField(field)) {
                members.put(field.getName(), value(message.getField(field)));
            }
        }
        members.values().removeIf(it -> it.equals("unspecified"));
        // Over REST a restore without remarks has the three members of the page that the API follows.
        members.remove("remarks", List.of());
        return members;
    }

    private static Map<Object, Object> pairs(MessageOrBuilder message, FieldDescriptor field) {
        var pairs = new TreeMap<>();
        for (Object entry : (List<?>) message.getField(field)) {
            Message pair = (Message) entry;
            pairs.put(
                    pair.getField(pair.getDescriptorForType().findFieldByName("key")),
                    pair.getField(pair.getDescriptorForType().findFieldByName("value")));
        }
        return pairs;
    }

    private static Object value(Object value) {
        return switch (value) {
            case EnumValueDescriptor it -> id(it);
            case Timestamp it ->
                Instant.ofEpochSecond(it.getSeconds(), it.getNanos())
                        .truncatedTo(ChronoUnit.MICROS)
                        .toString();
            case Duration it ->
                java.time.Duration.ofSeconds(it.getSeconds(), it.getNanos()).toString();
            case Message it -> of(it);
            case Integer it -> it.longValue();
            default -> value;
        };
    }

    /** Without the enum's name in front. */
    private static String id(EnumValueDescriptor value) {
        String prefix = value.getType().getName().replaceAll("(?<=[a-z])(?=[A-Z])", "_");
        return value.getName().substring(prefix.length() + 1).toLowerCase(Locale.ROOT);
    }
}
