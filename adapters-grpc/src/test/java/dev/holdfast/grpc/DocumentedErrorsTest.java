package dev.holdfast.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.grpc.access.MethodRoles;
import dev.holdfast.grpc.access.MethodRoles.Access;
import dev.holdfast.grpc.problem.GrpcCode;
import dev.holdfast.grpc.problem.GrpcStatuses;
import dev.holdfast.grpc.proto.ProtoComments;
import dev.holdfast.grpc.proto.Protos;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import dev.holdfast.grpc.v1.StoreServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The protos' comments say which errors and roles there are: clients are written by them. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DocumentedErrorsTest {
    /** {@code NOT_FOUND [BACKUP_NOT_FOUND, …]}. */
    private static final Pattern ERRORS = Pattern.compile("([A-Z_]+) \\[([A-Z_, ]+)]");

    private static final Pattern ROLE = Pattern.compile("Role (viewer|operator|admin)\\.");

    /** What only REST has: bodies of a type, and sign-ins. */
    private static final Set<ProblemCode> NOT_OVER_GRPC =
            EnumSet.of(ProblemCode.UNSUPPORTED_MEDIA_TYPE, ProblemCode.TOO_MANY_ATTEMPTS);

    private record Documented(String name, String text) {}

    /** Of the services and of their calls. */
    private static List<Documented> calls() throws Exception {
        var all = new ArrayList<Documented>();
        for (FileDescriptorProto file : Protos.own()) {
            var comments = new ProtoComments(file);
            for (int s = 0; s < file.getServiceCount(); s++) {
                List<Integer> path = List.of(FileDescriptorProto.SERVICE_FIELD_NUMBER, s);
                ServiceDescriptorProto service = file.getService(s);
                String name = file.getPackage() + "." + service.getName();
                all.add(new Documented(name, comments.at(path)));
                for (int m = 0; m < service.getMethodCount(); m++) {
                    MethodDescriptorProto method = service.getMethod(m);
                    all.add(new Documented(
                            name + "/" + method.getName(),
                            comments.at(ProtoComments.below(path, ServiceDescriptorProto.METHOD_FIELD_NUMBER, m))));
                }
            }
        }
        return all;
    }

    @Test
    void each_error_that_is_named_exists_and_comes_with_the_status_that_is_named() throws Exception {
        for (Documented call : calls()) {
            for (MatchResult match : ERRORS.matcher(call.text()).results().toList()) {
                for (String reason : match.group(2).split(", ", -1)) {
                    assertThat(status(reason))
                            .as(call.name() + " " + reason)
                            .contains(Status.Code.valueOf(match.group(1)));
                }
            }
        }
    }

    @Test
    void each_error_is_named_somewhere() throws Exception {
        Set<String> named = calls().stream()
                .flatMap(it -> ERRORS.matcher(it.text()).results())
                .flatMap(it -> Stream.of(it.group(2).split(", ", -1)))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> all = Stream.concat(
                        EnumSet.complementOf(EnumSet.copyOf(NOT_OVER_GRPC)).stream(), Stream.of(GrpcCode.values()))
                .map(Enum::name)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(named).isEqualTo(all);
    }

    @Test
    void each_call_says_its_errors_and_the_role_that_it_takes() throws Exception {
        List<Documented> calls =
                calls().stream().filter(it -> it.name().contains("/")).toList();
        assertThat(calls).hasSizeGreaterThanOrEqualTo(16);
        Map<String, Access> accesses = Stream.of(
                        BackupServiceGrpc.getServiceDescriptor(),
                        OperationServiceGrpc.getServiceDescriptor(),
                        DatabaseServiceGrpc.getServiceDescriptor(),
                        StoreServiceGrpc.getServiceDescriptor())
                .flatMap(it -> it.getMethods().stream())
                .collect(Collectors.toMap(MethodDescriptor::getFullMethodName, MethodRoles::of));
        for (Documented call : calls) {
            assertThat(call.text()).as(call.name()).contains("Errors: ");
            assertThat(ROLE.matcher(call.text()).results().map(it -> it.group(1)))
                    .as(call.name())
                    .map(it -> new Access.From(Role.valueOf(it.toUpperCase(Locale.ROOT))))
                    .singleElement()
                    .isEqualTo(accesses.get(call.name()));
        }
    }

    private static Optional<Status.Code> status(String reason) {
        return Stream.concat(
                        Stream.of(ProblemCode.values())
                                .filter(it -> it.name().equals(reason))
                                .map(GrpcStatuses::of),
                        Stream.of(GrpcCode.values())
                                .filter(it -> it.name().equals(reason))
                                .map(GrpcCode::status))
                .findAny();
    }
}
