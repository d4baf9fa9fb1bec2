package dev.holdfast.grpc.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.TextFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ProtoStyleTest {
    @Test
    void the_protos_keep_to_the_style() throws Exception {
        List<FileDescriptorProto> own = Protos.own();
        assertThat(own).hasSizeGreaterThan(3);
        assertThat(ProtoStyle.findings(own)).isEmpty();
    }

    @Test
    void whatever_does_not_keep_to_it_is_found() throws Exception {
        var other = TextFormat.parse("""
                name: "holdfast/v1/other.proto" package: "holdfast.v1" syntax: "proto3"
                options { java_package: "x" java_multiple_files: true }
                """, FileDescriptorProto.class);
        var wrong = TextFormat.parse("""
                name: "holdfast/Wrong-File.proto"
                package: "holdfast.Backups"
                public_dependency: 0
                weak_dependency: 0
                dependency: "a.proto"
                options { java_package: "y" }
                message_type {
                  name: "bad_message"
                  field { name: "badField" number: 1 type: TYPE_STRING }
                  field { name: "count" number: 2 type: TYPE_INT64 }
                  oneof_decl { name: "badOneof" }
                  nested_type { name: "Entry" options { map_entry: true } }
                }
                enum_type {
                  name: "bad_enum"
                  value { name: "unknown" number: 1 }
                  options { allow_alias: true }
                }
                service {
                  name: "bad_thing"
                  method { name: "do_it" input_type: ".holdfast.Backups.In" output_type: ".holdfast.Backups.In" }
                }
                """, FileDescriptorProto.class);
        assertThat(ProtoStyle.findings(List.of(other, wrong)))
                .containsExactlyInAnyOrder(
                        "holdfast/Wrong-File.proto: PACKAGE_SAME_JAVA_PACKAGE",
                        "holdfast/Wrong-File.proto: PACKAGE_SAME_JAVA_MULTIPLE_FILES",
                        "holdfast/Wrong-File.proto: SYNTAX_SPECIFIED",
                        "holdfast/Wrong-File.proto: FILE_LOWER_SNAKE_CASE",
                        "holdfast/Wrong-File.proto: PACKAGE_LOWER_SNAKE_CASE",
                        "holdfast/Wrong-File.proto: PACKAGE_VERSION_SUFFIX",
                        "holdfast/Wrong-File.proto: PACKAGE_DIRECTORY_MATCH",
                        "holdfast/Wrong-File.proto: IMPORT_NO_PUBLIC",
                        "holdfast/Wrong-File.proto: IMPORT_NO_WEAK",
                        "holdfast.Backups.bad_message: COMMENT",
                        "holdfast.Backups.bad_message: MESSAGE_PASCAL_CASE",
                        "holdfast.Backups.bad_message.badField: COMMENT",
                        "holdfast.Backups.bad_message.badField: FIELD_LOWER_SNAKE_CASE",
                        "holdfast.Backups.bad_message.count: COMMENT",
                        "holdfast.Backups.bad_message.count: UNIT",
                        "holdfast.Backups.bad_message.badOneof: COMMENT",
                        "holdfast.Backups.bad_message.badOneof: ONEOF_LOWER_SNAKE_CASE",
                        "holdfast.Backups.bad_enum: COMMENT",
                        "holdfast.Backups.bad_enum: ENUM_PASCAL_CASE",
                        "holdfast.Backups.bad_enum: ENUM_NO_ALLOW_ALIAS",
                        "holdfast.Backups.bad_enum: ENUM_FIRST_VALUE_ZERO",
                        "holdfast.Backups.bad_enum: ENUM_ZERO_VALUE_SUFFIX",
                        "holdfast.Backups.bad_enum.unknown: COMMENT",
                        "holdfast.Backups.bad_enum.unknown: ENUM_VALUE_UPPER_SNAKE_CASE",
                        "holdfast.Backups.bad_enum.unknown: ENUM_VALUE_PREFIX",
                        "holdfast.Backups.bad_thing: COMMENT",
                        "holdfast.Backups.bad_thing: SERVICE_PASCAL_CASE",
                        "holdfast.Backups.bad_thing: SERVICE_SUFFIX",
                        "holdfast.Backups.bad_thing.do_it: COMMENT",
                        "holdfast.Backups.bad_thing.do_it: RPC_PASCAL_CASE",
                        "holdfast.Backups.bad_thing.do_it: RPC_REQUEST_STANDARD_NAME",
                        "holdfast.Backups.bad_thing.do_it: RPC_RESPONSE_STANDARD_NAME",
                        "holdfast.Backups.bad_thing.do_it: RPC_REQUEST_RESPONSE_UNIQUE");
    }
}
