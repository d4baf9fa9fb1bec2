package dev.holdfast.grpc.message;

import com.google.protobuf.ProtocolMessageEnum;
import dev.holdfast.application.Outcome;
import dev.holdfast.domain.problem.Problem;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The domain's enums as the protos name them: with the enum's own name in front, and {@code _UNSPECIFIED} beside them. A
 * test tries every value there is.
 */
public final class EnumNames {
    private EnumNames() {}

    /** {@code Depth.FULL} is {@code DEPTH_FULL}. */
    public static <P extends Enum<P> & ProtocolMessageEnum> P of(Class<P> type, Enum<?> value) {
        return Enum.valueOf(type, prefix(type) + value.name());
    }

    /** Empty for unspecified; a number that this version does not know is refused. */
    public static <P extends Enum<P> & ProtocolMessageEnum, D extends Enum<D>> Outcome<Optional<D>> from(
            String field, P proto, Class<D> type) {
        String prefix = prefix(proto.getDeclaringClass());
        if (proto.name().equals(prefix + "UNSPECIFIED")) {
            return Outcome.done(Optional.empty());
        }
        return Stream.of(type.getEnumConstants())
                .filter(it -> proto.name().equals(prefix + it.name()))
                .findAny()
                .map(it -> Outcome.done(Optional.of(it)))
                .orElseGet(() -> Outcome.refused(new Problem.InvalidArgument(
                        field,
                        field + " is one of "
                                + Stream.of(type.getEnumConstants())
                                        .map(it -> prefix + it.name())
                                        .collect(Collectors.joining(", "))
                                + ".")));
    }

    private static String prefix(Class<?> type) {
        return type.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT) + "_";
    }
}
