package dev.holdfast.grpc.proto;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What is wrong with proto files by the rules of buf's category STANDARD, under buf's names for them, and by two rules
 * of this project's: everything is commented, and 64-bit numbers say what they count.
 */
final class ProtoStyle {
    private static final Pattern PASCAL_CASE = Pattern.compile("[A-Z][A-Za-z0-9]*");
    private static final Pattern LOWER_SNAKE_CASE = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");
    private static final Pattern UPPER_SNAKE_CASE = Pattern.compile("[A-Z][A-Z0-9]*(_[A-Z0-9]+)*");
    private static final Pattern PACKAGE = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*");
    private static final Pattern VERSIONED = Pattern.compile(".*\\.v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?");
    private static final Pattern UNIT = Pattern.compile("(?i)bytes?\\b|revision");

    private final List<String> findings = new ArrayList<>();
    private final Map<String, String> usedBy = new HashMap<>();
    private String here = "";
    private ProtoComments comments;

    private ProtoStyle(FileDescriptorProto first) {
        comments = new ProtoComments(first);
    }

    /** @return {@code name: RULE} of each, in the files' order */
    static List<String> findings(List<FileDescriptorProto> files) {
        var style = new ProtoStyle(files.getFirst());
        files.forEach(style::file);
        sameOptions(files).forEach(style.findings::add);
        return style.findings;
    }

    private static List<String> sameOptions(List<FileDescriptorProto> files) {
        var findings = new ArrayList<String>();
        FileDescriptorProto first = files.getFirst();
        for (FileDescriptorProto file : files) {
            if (!file.getOptions().getJavaPackage().equals(first.getOptions().getJavaPackage())) {
                findings.add(file.getName() + ": PACKAGE_SAME_JAVA_PACKAGE");
            }
            if (file.getOptions().getJavaMultipleFiles() != first.getOptions().getJavaMultipleFiles()) {
                findings.add(file.getName() + ": PACKAGE_SAME_JAVA_MULTIPLE_FILES");
            }
        }
        return findings;
    }

    private void file(FileDescriptorProto file) {
        comments = new ProtoComments(file);
        here = file.getName();
        Path path = Path.of(file.getName());
        String name = path.getFileName().toString().replace(".proto", "");
        require(file.getSyntax().equals("proto3"), "SYNTAX_SPECIFIED");
        require(LOWER_SNAKE_CASE.matcher(name).matches(), "FILE_LOWER_SNAKE_CASE");
        require(!file.getPackage().isEmpty(), "PACKAGE_DEFINED");
        require(PACKAGE.matcher(file.getPackage()).matches(), "PACKAGE_LOWER_SNAKE_CASE");
        require(VERSIONED.matcher(file.getPackage()).matches(), "PACKAGE_VERSION_SUFFIX");
        require(
                Objects.equals(path.getParent(), Path.of(file.getPackage().replace('.', '/'))),
                "PACKAGE_DIRECTORY_MATCH");
        require(file.getPublicDependencyCount() == 0, "IMPORT_NO_PUBLIC");
        require(file.getWeakDependencyCount() == 0, "IMPORT_NO_WEAK");
        for (int i = 0; i < file.getMessageTypeCount(); i++) {
            message(
                    file.getPackage(),
                    file.getMessageType(i),
                    List.of(FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, i));
        }
        for (int i = 0; i < file.getEnumTypeCount(); i++) {
            enumeration(file.getPackage(), file.getEnumType(i), List.of(FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER, i));
        }
        for (int i = 0; i < file.getServiceCount(); i++) {
            service(file.getPackage(), file.getService(i), List.of(FileDescriptorProto.SERVICE_FIELD_NUMBER, i));
        }
    }

    private void message(String parent, DescriptorProto message, List<Integer> path) {
        if (message.getOptions().getMapEntry()) {
            return; // made by the compiler
        }
        String name = parent + "." + message.getName();
        commented(name, path);
        require(PASCAL_CASE.matcher(message.getName()).matches(), "MESSAGE_PASCAL_CASE");
        for (int i = 0; i < message.getFieldCount(); i++) {
            field(name, message.getField(i), ProtoComments.below(path, DescriptorProto.FIELD_FIELD_NUMBER, i));
        }
        for (int i = 0; i < message.getOneofDeclCount(); i++) {
            String oneof = message.getOneofDecl(i).getName();
            int index = i;
            boolean made = message.getFieldList().stream()
                    .anyMatch(it -> it.getProto3Optional() && it.getOneofIndex() == index);
            if (!made) {
                commented(name + "." + oneof, ProtoComments.below(path, DescriptorProto.ONEOF_DECL_FIELD_NUMBER, i));
                require(LOWER_SNAKE_CASE.matcher(oneof).matches(), "ONEOF_LOWER_SNAKE_CASE");
            }
        }
        for (int i = 0; i < message.getNestedTypeCount(); i++) {
            message(
                    name,
                    message.getNestedType(i),
                    ProtoComments.below(path, DescriptorProto.NESTED_TYPE_FIELD_NUMBER, i));
        }
        for (int i = 0; i < message.getEnumTypeCount(); i++) {
            enumeration(
                    name, message.getEnumType(i), ProtoComments.below(path, DescriptorProto.ENUM_TYPE_FIELD_NUMBER, i));
        }
    }

    private void field(String message, FieldDescriptorProto field, List<Integer> path) {
        commented(message + "." + field.getName(), path);
        require(LOWER_SNAKE_CASE.matcher(field.getName()).matches(), "FIELD_LOWER_SNAKE_CASE");
        boolean isLarge = field.getType() == FieldDescriptorProto.Type.TYPE_INT64
                || field.getType() == FieldDescriptorProto.Type.TYPE_UINT64;
        require(
                !isLarge
                        || UNIT.matcher(field.getName().replace('_', ' ') + " " + comments.at(path))
                                .find(),
                "UNIT");
    }

    private void enumeration(String parent, EnumDescriptorProto enumeration, List<Integer> path) {
        String name = parent + "." + enumeration.getName();
        commented(name, path);
        require(PASCAL_CASE.matcher(enumeration.getName()).matches(), "ENUM_PASCAL_CASE");
        require(!enumeration.getOptions().getAllowAlias(), "ENUM_NO_ALLOW_ALIAS");
        String prefix =
                enumeration.getName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toUpperCase(Locale.ROOT) + "_";
        EnumValueDescriptorProto first = enumeration.getValue(0);
        require(first.getNumber() == 0, "ENUM_FIRST_VALUE_ZERO");
        require(first.getName().equals(prefix + "UNSPECIFIED"), "ENUM_ZERO_VALUE_SUFFIX");
        for (int i = 0; i < enumeration.getValueCount(); i++) {
            String value = enumeration.getValue(i).getName();
            commented(name + "." + value, ProtoComments.below(path, EnumDescriptorProto.VALUE_FIELD_NUMBER, i));
            require(UPPER_SNAKE_CASE.matcher(value).matches(), "ENUM_VALUE_UPPER_SNAKE_CASE");
            require(value.startsWith(prefix), "ENUM_VALUE_PREFIX");
        }
    }

    private void service(String parent, ServiceDescriptorProto service, List<Integer> path) {
        String name = parent + "." + service.getName();
        commented(name, path);
        require(PASCAL_CASE.matcher(service.getName()).matches(), "SERVICE_PASCAL_CASE");
        require(service.getName().endsWith("Service"), "SERVICE_SUFFIX");
        for (int i = 0; i < service.getMethodCount(); i++) {
            MethodDescriptorProto method = service.getMethod(i);
            commented(
                    name + "." + method.getName(),
                    ProtoComments.below(path, ServiceDescriptorProto.METHOD_FIELD_NUMBER, i));
            require(PASCAL_CASE.matcher(method.getName()).matches(), "RPC_PASCAL_CASE");
            require(isFor(method, method.getInputType(), parent, "Request"), "RPC_REQUEST_STANDARD_NAME");
            require(isFor(method, method.getOutputType(), parent, "Response"), "RPC_RESPONSE_STANDARD_NAME");
            require(usedBy.put(method.getInputType(), name) == null, "RPC_REQUEST_RESPONSE_UNIQUE");
            require(usedBy.put(method.getOutputType(), name) == null, "RPC_REQUEST_RESPONSE_UNIQUE");
        }
    }

    private static boolean isFor(MethodDescriptorProto method, String type, String parent, String suffix) {
        return type.equals("." + parent + "." + method.getName() + suffix);
    }

    private void commented(String name, List<Integer> path) {
        here = name;
        require(comments.at(path).endsWith("."), "COMMENT");
    }

    private void require(boolean holds, String rule) {
        if (!holds) {
            findings.add(here + ": " + rule);
        }
    }
}
