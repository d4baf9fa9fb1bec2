package dev.holdfast.grpc.proto;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;

/** The descriptor set that the stubs were made from, with its comments. */
public final class Protos {
    private static final String OWN = "holdfast/";

    private Protos() {}

    /** Without the imports that are not this project's. */
    public static List<FileDescriptorProto> own() throws IOException {
        return own(all());
    }

    static List<FileDescriptorProto> own(FileDescriptorSet set) {
        return set.getFileList().stream()
                .filter(it -> it.getName().startsWith(OWN))
                .toList();
    }

    /** With the imports. */
    static FileDescriptorSet all() throws IOException {
        try (InputStream set =
                Objects.requireNonNull(Protos.class.getResourceAsStream("/holdfast/v1/holdfast.binpb"))) {
            return FileDescriptorSet.parseFrom(set);
        }
    }
}
