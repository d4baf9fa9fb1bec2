package dev.holdfast.grpc.proto;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a client of released protos would miss in newer ones: on the wire, in JSON and in generated code. Things may be
 * added; what was there stays as it was, also the file that it is in.
 */
final class Compatibility {
    private Compatibility() {}

    /** @return one line for each released thing that is gone or another, by what describes it */
    static List<String> broken(List<FileDescriptorProto> released, List<FileDescriptorProto> now) {
        Map<String, String> before = facts(released);
        Map<String, String> after = facts(now);
        var broken = new ArrayList<String>();
        before.forEach((thing, fact) -> {
            String other = after.get(thing);
            if (other == null) {
                broken.add(thing + " is gone");
            } else if (!other.equals(fact)) {
                broken.add(thing + " was " + fact + " and is " + other);
            }
        });
        return broken;
    }

    /** By name: what clients rely on. */
    private static Map<String, String> facts(List<FileDescriptorProto> files) {
        var facts = new TreeMap<String, String>();
        for (FileDescriptorProto file : files) {
            facts.put(
                    file.getName(),
                    "package %s, Java %s %s %s"
                            .formatted(
                                    file.getPackage(),
                                    file.getOptions().getJavaPackage(),
                                    file.getOptions().getJavaMultipleFiles(),
                                    file.getOptions().getJavaOuterClassname()));
            String parent = file.getPackage() + ".";
            file.getMessageTypeList().forEach(it -> message(facts, file.getName(), parent, it));
            file.getEnumTypeList().forEach(it -> enumeration(facts, file.getName(), parent, it));
            file.getServiceList().forEach(it -> service(facts, file.getName(), parent, it));
        }
        return facts;
    }

    private static void message(Map<String, String> facts, String file, String parent, DescriptorProto message) {
        String name = parent + message.getName();
        facts.put(name, "message in " + file);
        Function<FieldDescriptorProto, String> oneof = field -> field.hasOneofIndex() && !field.getProto3Optional()
                ? message.getOneofDecl(field.getOneofIndex()).getName()
                : "none";
        message.getFieldList()
                .forEach(it -> facts.put(
                        name + "." + it.getName(),
                        "field %d %s %s %s, JSON %s, oneof %s"
                                .formatted(
                                        it.getNumber(),
                                        it.getLabel(),
                                        it.getProto3Optional() ? "with presence" : "as it comes",
                                        it.getTypeName().isEmpty() ? it.getType() : it.getTypeName(),
                                        it.getJsonName(),
                                        oneof.apply(it))));
        message.getNestedTypeList().forEach(it -> message(facts, file, name + ".", it));
        message.getEnumTypeList().forEach(it -> enumeration(facts, file, name + ".", it));
    }

    private static void enumeration(
            Map<String, String> facts, String file, String parent, EnumDescriptorProto enumeration) {
        String name = parent + enumeration.getName();
        facts.put(name, "enum in " + file);
        for (EnumValueDescriptorProto value : enumeration.getValueList()) {
            facts.put(name + "." + value.getName(), "value " + value.getNumber());
        }
    }

    private static void service(Map<String, String> facts, String file, String parent, ServiceDescriptorProto service) {
        String name = parent + service.getName();
        facts.put(name, "service in " + file);
        for (MethodDescriptorProto method : service.getMethodList()) {
            facts.put(
                    name + "." + method.getName(),
                    "call %s%s to %s%s"
                            .formatted(
                                    method.getClientStreaming() ? "stream " : "",
                                    method.getInputType(),
                                    method.getServerStreaming() ? "stream " : "",
                                    method.getOutputType()));
        }
    }
}
