package dev.holdfast.grpc.proto;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What stands above each element of a proto file. */
public final class ProtoComments {
    private final Map<List<Integer>, String> byPath;

    public ProtoComments(FileDescriptorProto file) {
        byPath = file.getSourceCodeInfo().getLocationList().stream()
                .filter(Location::hasLeadingComments)
                .collect(Collectors.toMap(
                        Location::getPathList,
                        it -> it.getLeadingComments().strip().replaceAll("\\s+", " "),
                        (first, _) -> first));
    }

    /**
     * In one line; empty if there is none.
     *
     * @param path as in {@code SourceCodeInfo.Location}
     */
    public String at(List<Integer> path) {
        return byPath.getOrDefault(path, "");
    }

    /** @param last the field's number in the descriptor, then the position in that field */
    public static List<Integer> below(List<Integer> path, int... last) {
        return Stream.concat(path.stream(), IntStream.of(last).boxed()).toList();
    }
}
