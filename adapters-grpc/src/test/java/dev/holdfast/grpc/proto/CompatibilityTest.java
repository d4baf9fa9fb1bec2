package dev.holdfast.grpc.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.TextFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class CompatibilityTest {
    /** Set to {@code true} with a release, and only then: takes the protos as they are for what clients rely on. */
    private static final String RENEW = "holdfast.protos.renew";

    private static final Path RELEASED = Path.of("src/test/protos/released.binpb");

    @Test
    void no_released_client_misses_anything() throws Exception {
        List<FileDescriptorProto> now = Protos.own();
        if (Boolean.getBoolean(RENEW)) {
            renew();
        }
        List<FileDescriptorProto> released = Protos.own(FileDescriptorSet.parseFrom(Files.readAllBytes(RELEASED)));
        assertThat(released).hasSizeGreaterThan(3);
        assertThat(Compatibility.broken(released, now))
                .as("what clients made from the released protos would miss; docs/grpc.md says when they are renewed")
                .isEmpty();
    }

    /** Without comments: they bind nobody. */
    private static void renew() throws Exception {
        var released = FileDescriptorSet.newBuilder();
        Protos.all().getFileList().forEach(it -> released.addFile(it.toBuilder().clearSourceCodeInfo()));
        Files.createDirectories(RELEASED.getParent());
        Files.write(RELEASED, released.build().toByteArray());
    }

    private static final String BEFORE = """
            name: "a/v1/a.proto" package: "a.v1" options { java_package: "j" java_multiple_files: true }
            message_type {
              name: "Thing"
              field { name: "size" number: 1 label: LABEL_OPTIONAL type: TYPE_INT64 json_name: "size" }
              field { name: "one" number: 2 label: LABEL_OPTIONAL type: TYPE_STRING json_name: "one" oneof_index: 0 }
              field {
                name: "maybe" number: 3 label: LABEL_OPTIONAL type: TYPE_STRING json_name: "maybe" oneof_index: 1
                proto3_optional: true
              }
              oneof_decl { name: "choice" }
              oneof_decl { name: "_maybe" }
              enum_type { name: "Kind" value { name: "KIND_UNSPECIFIED" number: 0 } value { name: "KIND_A" number: 1 } }
            }
            service {
              name: "ThingService"
              method { name: "Watch" input_type: ".a.v1.In" output_type: ".a.v1.Out" server_streaming: true }
            }
            """;

    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource(delimiter = '|', textBlock = """
            name: "a/v1/a.proto"                | name: "a/v1/b.proto"
            java_package: "j"                   | java_package: "k"
            java_multiple_files: true           | java_multiple_files: false
            name: "Thing"                       | name: "Other"
            name: "size" number: 1              | name: "size" number: 4
            name: "size" number: 1              | name: "length" number: 1
            type: TYPE_INT64                    | type: TYPE_INT32
            type: TYPE_INT64                    | type: TYPE_MESSAGE type_name: ".a.v1.Size"
            json_name: "size"                   | json_name: "SIZE"
            LABEL_OPTIONAL type: TYPE_INT64     | LABEL_REPEATED type: TYPE_INT64
            json_name: "one" oneof_index: 0     | json_name: "one"
            json_name: "size"                   | json_name: "size" oneof_index: 0
            oneof_decl { name: "choice" }       | oneof_decl { name: "chosen" }
            proto3_optional: true               | proto3_optional: false
            name: "Kind"                        | name: "Sort"
            name: "KIND_A" number: 1            | name: "KIND_A" number: 2
            name: "KIND_A" number: 1            | name: "KIND_B" number: 1
            name: "ThingService"                | name: "OtherService"
            name: "Watch"                       | name: "Look"
            input_type: ".a.v1.In"              | input_type: ".a.v1.Out"
            output_type: ".a.v1.Out"            | output_type: ".a.v1.In"
            server_streaming: true              | server_streaming: false
            server_streaming: true              | server_streaming: true client_streaming: true
            """)
    void a_change_that_breaks_clients_is_found(String before, String after) throws Exception {
        assertThat(BEFORE).contains(before);
        assertThat(Compatibility.broken(files(BEFORE), files(BEFORE.replace(before, after))))
                .isNotEmpty();
    }

    @Test
    void what_is_added_breaks_nobody() throws Exception {
        String more = BEFORE.replace(
                                "field { name: \"size\"",
                                "field { name: \"new\" number: 9 label: LABEL_OPTIONAL type: TYPE_STRING oneof_index: 0 } field { name: \"size\"")
                        .replace(
                                "value { name: \"KIND_A\"",
                                "value { name: \"KIND_B\" number: 2 } value { name: \"KIND_A\"")
                + "message_type { name: \"New\" } service { name: \"NewService\" }";
        assertThat(Compatibility.broken(files(BEFORE), files(more))).isEmpty();
        assertThat(Compatibility.broken(files(more), files(BEFORE))).hasSize(4);
    }

    private static List<FileDescriptorProto> files(String text) throws TextFormat.ParseException {
        return List.of(TextFormat.parse(text, FileDescriptorProto.class));
    }
}
