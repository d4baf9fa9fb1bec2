package dev.holdfast.grpc.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.io.File;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a client gets with this artifact, and what it does not. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ClientArtifactTest {
    private static final List<FileDescriptor> FILES = List.of(
            BackupProto.getDescriptor(),
            BackupServiceProto.getDescriptor(),
            DatabaseServiceProto.getDescriptor(),
            OperationProto.getDescriptor(),
            OperationServiceProto.getDescriptor(),
            PlanProto.getDescriptor(),
            StoreServiceProto.getDescriptor());

    @Test
    void it_brings_messages_and_stubs_but_no_server_and_no_transport() {
        List<String> jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(it -> Path.of(it).getFileName().toString())
                .toList();
        assertThat(jars)
                .anyMatch(it -> it.startsWith("grpc-stub"))
                .noneMatch(it -> it.startsWith("holdfast-"))
                .noneMatch(it -> it.matches("(micronaut|netty|grpc-netty|grpc-services|grpc-core|sqlite).*"));
        assertThatThrownBy(() -> Class.forName("dev.holdfast.grpc.GrpcServer"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void its_descriptor_set_has_all_files_with_their_comments_and_all_that_they_import() throws Exception {
        Map<String, FileDescriptorProto> described = new HashMap<>();
        try (InputStream stream = ClientArtifactTest.class.getResourceAsStream("/holdfast/v1/holdfast.binpb")) {
            FileDescriptorSet.parseFrom(stream).getFileList().forEach(it -> described.put(it.getName(), it));
        }
        for (FileDescriptor file : FILES) {
            FileDescriptorProto found = described.get(file.getName());
            assertThat(found).as(file.getName()).isNotNull();
            assertThat(withoutNotes(found)).isEqualTo(withoutNotes(file.toProto()));
            assertThat(found.getSourceCodeInfo().getLocationList())
                    .as("comments of " + file.getName())
                    .anyMatch(it -> it.hasLeadingComments());
            assertThat(described.keySet()).containsAll(found.getDependencyList());
        }
        assertThat(described.keySet().stream().filter(it -> it.startsWith("holdfast/")))
                .containsExactlyInAnyOrderElementsOf(
                        FILES.stream().map(FileDescriptor::getName).toList());
    }

    @Test
    void it_has_the_proto_files() {
        for (FileDescriptor file : FILES) {
            assertThat(ClientArtifactTest.class.getResource("/" + file.getName()))
                    .as(file.getName())
                    .isNotNull();
        }
    }

    private static FileDescriptorProto withoutNotes(FileDescriptorProto file) {
        FileDescriptorProto.Builder builder = file.toBuilder().clearSourceCodeInfo();
        builder.getMessageTypeBuilderList().forEach(ClientArtifactTest::forgetJsonNames);
        return builder.build();
    }

    /** The compiler notes them only where somebody reads its output. */
    private static void forgetJsonNames(DescriptorProto.Builder message) {
        message.getFieldBuilderList().forEach(it -> it.clearJsonName());
        message.getNestedTypeBuilderList().forEach(ClientArtifactTest::forgetJsonNames);
    }
}
