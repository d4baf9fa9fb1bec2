package dev.holdfast.bootstrap;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LocalVariable;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The places of the program that make a text of a type's name: of a value whose type has no {@code toString} of its
 * own, or of a class. The instructions are read, since javac makes no call of {@code toString} for {@code "" + value}.
 *
 * <p>The type of a value is known if the value is a field, a variable, a parameter or a result. The elements of a
 * collection and the arguments of {@code String.format} are not known.
 */
final class TextsOfTypes {
    private static final String TO_STRING = "toString";
    private static final Set<String> NAMES = Set.of("getName", "getSimpleName", "getTypeName", "getCanonicalName");
    private static final Set<String> LOGGERS = Set.of("getLogger");

    private final JavaClasses program;

    TextsOfTypes(JavaClasses program) {
        this.program = program;
    }

    /** Each as {@code method of Class: Type}. What a {@code toString} is made of is for logs. */
    Set<String> ofValues() {
        Set<String> found = new TreeSet<>();
        forEachMethod((owner, method) -> values(method, type -> {
            if (hasNoTextOfItsOwn(type) && !method.methodName().equalsString(TO_STRING)) {
                found.add(method.methodName() + " of " + simple(owner.getName()) + ": " + simple(type));
            }
        }));
        return found;
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** The classes that ask a class for its name, or make a text of it; the name of a logger does not count. */
    Set<String> ofClasses() {
        Set<String> found = new TreeSet<>();
        forEachMethod((owner, method) -> {
            values(method, type -> {
                if (type.equals("java.lang.Class")) {
                    found.add(simple(owner.getName()));
                }
            });
            List<Instruction> instructions = instructions(method);
            for (int i = 0; i < instructions.size(); i++) {
                boolean logger = i + 1 < instructions.size()
                        && instructions.get(i + 1) instanceof InvokeInstruction next
                        && LOGGERS.contains(next.name().stringValue());
                if (instructions.get(i) instanceof InvokeInstruction call
                        && call.owner().asInternalName().equals("java/lang/Class")
                        && NAMES.contains(call.name().stringValue())
                        && !logger) {
                    found.add(simple(owner.getName()));
                }
            }
        });
        return found;
    }

    private interface Visitor {
        void visit(JavaClass owner, MethodModel method);
    }

    private void forEachMethod(Visitor visitor) {
        for (JavaClass type : program) {
            if (type.getSource().isPresent()) {
                ClassModel model = parse(type);
                model.methods().forEach(it -> visitor.visit(type, it));
            }
        }
    }

    private static ClassModel parse(JavaClass type) {
        try (InputStream bytes = type.getSource().orElseThrow().getUri().toURL().openStream()) {
            return ClassFile.of().parse(bytes.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Instruction> instructions(MethodModel method) {
        return method.code().stream()
                .flatMap(it -> it.elementStream())
                .filter(Instruction.class::isInstance)
                .map(Instruction.class::cast)
                .toList();
    }

    /** Passes each type whose value becomes a text. */
    private static void values(MethodModel method, Consumer<String> types) {
        if (!(method.code().orElse(null) instanceof CodeAttribute code)) {
            return;
        }
        List<LocalVariable> variables = new ArrayList<>();
        code.forEach(it -> {
            if (it instanceof LocalVariable variable) {
                variables.add(variable);
            }
        });
        int at = 0;
        Optional<String> before = Optional.empty();
        for (CodeElement element : code) {
            if (element instanceof Instruction instruction) {
                if (instruction instanceof InvokeInstruction call && makesText(call)) {
                    own(call).ifPresent(types);
                    before.ifPresent(types);
                }
                if (instruction instanceof InvokeDynamicInstruction lambda) {
                    byReference(lambda).ifPresent(types);
                }
                before = result(instruction, at, variables, code);
                at += instruction.sizeInBytes();
            }
        }
    }

    private static boolean makesText(InvokeInstruction call) {
        String type = call.type().stringValue();
        return switch (call.name().stringValue()) {
            case TO_STRING -> type.equals("()Ljava/lang/String;") || type.startsWith("(Ljava/lang/Object;");
            case "valueOf", "append" -> type.startsWith("(Ljava/lang/Object;)");
            default -> false;
        };
    }

    /** The type that a call of {@code toString} names. */
    private static Optional<String> own(InvokeInstruction call) {
        return call.name().stringValue().equals(TO_STRING)
                ? Optional.of(call.owner().asInternalName().replace('/', '.'))
                : Optional.empty();
    }

    /** As in {@code map(Object::toString)}. */
    private static Optional<String> byReference(InvokeDynamicInstruction lambda) {
        boolean text = lambda.bootstrapArgs().stream()
                .anyMatch(it -> it instanceof DirectMethodHandleDesc handle
                        && (handle.methodName().equals(TO_STRING)
                                || handle.methodName().equals("valueOf")));
        return text && lambda.bootstrapArgs().getLast() instanceof MethodTypeDesc type && type.parameterCount() == 1
                ? name(type.parameterType(0))
                : Optional.empty();
    }

    private static Optional<String> result(
            Instruction instruction, int at, List<LocalVariable> variables, CodeAttribute code) {
        return switch (instruction) {
            case InvokeInstruction it -> name(it.typeSymbol().returnType());
            case InvokeDynamicInstruction it -> name(it.typeSymbol().returnType());
            case FieldInstruction it -> name(it.typeSymbol());
            case TypeCheckInstruction it -> name(it.type().asSymbol());
            case NewObjectInstruction it -> name(it.className().asSymbol());
            case LoadInstruction it ->
                variables.stream()
                        .filter(variable -> variable.slot() == it.slot()
                                && code.labelToBci(variable.startScope()) <= at
                                && at < code.labelToBci(variable.endScope()))
                        .findFirst()
                        .flatMap(variable -> name(variable.typeSymbol()));
            default -> Optional.empty();
        };
    }

    private static Optional<String> name(ClassDesc type) {
        return type.isClassOrInterface()
                ? Optional.of((type.packageName().isEmpty() ? "" : type.packageName() + ".") + type.displayName())
                : Optional.empty();
    }

    /** The constants of an enum are what is stored; they keep their names. */
    private boolean hasNoTextOfItsOwn(String name) {
        return program.contain(name)
                && !program.get(name).isEnum()
                && Stream.concat(Stream.of(program.get(name)), program.get(name).getAllRawSuperclasses().stream())
                        .filter(it -> it.getName().startsWith("dev.holdfast."))
                        .noneMatch(TextsOfTypes::writesText);
    }

    private static boolean writesText(JavaClass type) {
        return type.tryGetMethod(TO_STRING)
                        .filter(it -> !it.getModifiers().contains(JavaModifier.ABSTRACT))
                        .isPresent()
                && parse(type).methods().stream()
                        .filter(it -> it.methodName().equalsString(TO_STRING))
                        .flatMap(it -> instructions(it).stream())
                        .noneMatch(it -> it instanceof InvokeDynamicInstruction made
                                && made.bootstrapMethod().owner().displayName().equals("ObjectMethods"));
    }
}
