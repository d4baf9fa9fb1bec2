package dev.holdfast.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ProtocolMessageEnum;
import dev.holdfast.application.Outcome;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.message.EnumNames;
import dev.holdfast.grpc.v1.DayOfWeek;
import dev.holdfast.grpc.v1.Depth;
import dev.holdfast.grpc.v1.DrillOutcome;
import dev.holdfast.grpc.v1.Layout;
import dev.holdfast.grpc.v1.OperationKind;
import dev.holdfast.grpc.v1.OperationState;
import dev.holdfast.grpc.v1.Origin;
import dev.holdfast.grpc.v1.Phase;
import dev.holdfast.grpc.v1.Profile;
import dev.holdfast.grpc.v1.RetentionReason;
import dev.holdfast.grpc.v1.Standing;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class EnumNamesTest {
    @Test
    void every_value_has_its_number_and_every_number_its_value() {
        same(Origin.class, dev.holdfast.domain.backup.Origin.class);
        same(Layout.class, dev.holdfast.domain.backup.Layout.class);
        same(Depth.class, dev.holdfast.domain.backup.Depth.class);
        same(OperationKind.class, dev.holdfast.domain.operation.OperationKind.class);
        same(OperationState.class, dev.holdfast.domain.operation.OperationState.class);
        same(Phase.class, dev.holdfast.domain.operation.Phase.class);
        same(DrillOutcome.class, dev.holdfast.domain.plan.DrillOutcome.class);
        same(Profile.class, dev.holdfast.domain.profile.Profile.class);
        same(Standing.class, dev.holdfast.domain.plan.Freshness.Standing.class);
        same(RetentionReason.class, dev.holdfast.domain.retention.RetentionReason.class);
        same(DayOfWeek.class, java.time.DayOfWeek.class);
    }

    private static <P extends Enum<P> & ProtocolMessageEnum, D extends Enum<D>> void same(
            Class<P> proto, Class<D> domain) {
        for (D value : domain.getEnumConstants()) {
            assertThat(EnumNames.from("field", EnumNames.of(proto, value), domain))
                    .isEqualTo(Outcome.done(Optional.of(value)));
        }
        // Beside them: the unspecified one, and the one for numbers that are not known.
        assertThat(proto.getEnumConstants()).hasSize(domain.getEnumConstants().length + 2);
        assertThat(Stream.of(proto.getEnumConstants()).filter(it -> it.name().endsWith("_UNSPECIFIED")))
                .singleElement()
                .satisfies(it ->
                        assertThat(EnumNames.from("field", it, domain)).isEqualTo(Outcome.done(Optional.empty())));
    }

    @Test
    void a_number_that_is_not_known_is_refused_with_what_would_do() {
        Outcome<?> outcome = EnumNames.from("depth", Depth.UNRECOGNIZED, dev.holdfast.domain.backup.Depth.class);
        assertThat(outcome)
                .isEqualTo(Outcome.refused(new Problem.InvalidArgument(
                        "depth", "depth is one of DEPTH_CHECKSUM, DEPTH_QUICK, DEPTH_FULL.")));
    }
}
