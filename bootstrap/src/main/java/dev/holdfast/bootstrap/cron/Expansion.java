package dev.holdfast.bootstrap.cron;

import static java.util.stream.Collectors.toCollection;

import com.cronutils.model.Cron;
import com.cronutils.model.field.expression.Always;
import com.cronutils.model.field.expression.And;
import com.cronutils.model.field.expression.Between;
import com.cronutils.model.field.expression.Every;
import com.cronutils.model.field.expression.FieldExpression;
import com.cronutils.model.field.expression.On;
import com.cronutils.model.field.value.FieldValue;
import com.cronutils.model.field.value.IntegerFieldValue;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The values that a parsed field matches; of weekdays 0 to 6. */
final class Expansion {
    private static final int SUNDAY_TOO = 7;

    private Expansion() {}

    /** Empty if a part of the field matches nothing: a range of weekdays that goes down. */
    static Optional<SortedSet<Integer>> of(Field field, Cron cron) {
        List<FieldExpression> parts = switch (cron.retrieve(field.name).getExpression()) {
            case And list -> list.getExpressions();
            case FieldExpression single -> List.of(single);
        };
        List<List<Integer>> values =
                parts.stream().map(it -> expand(field, it, 1)).toList();
        return values.stream().anyMatch(List::isEmpty)
                ? Optional.empty()
                : Optional.of(values.stream()
                        .flatMap(List::stream)
                        .map(it -> field == Field.DAY_OF_WEEK ? it % SUNDAY_TOO : it)
                        .collect(toCollection(TreeSet::new)));
    }

    private static List<Integer> expand(Field field, FieldExpression expression, int step) {
        return switch (expression) {
            case Always _ -> range(field.least, field.most, step);
            case On on -> List.of(on.getTime().getValue());
            case Every every ->
                expand(field, every.getExpression(), every.getPeriod().getValue());
            case Between between -> {
                int from = number(between.getFrom());
                int to = number(between.getTo());
                // The library takes SUN for 7, also where a range begins with it.
                yield range(from == SUNDAY_TOO && field == Field.DAY_OF_WEEK && to < from ? 0 : from, to, step);
            }
            case FieldExpression other -> throw new IllegalStateException(other.getClass() + " was not asked for");
        };
    }

    private static int number(FieldValue<?> value) {
        return switch (value) {
            case IntegerFieldValue number -> number.getValue();
            case FieldValue<?> other -> throw new IllegalStateException(other.getClass() + " was not asked for");
        };
    }

    private static List<Integer> range(int from, int to, int step) {
        return IntStream.iterate(from, it -> it <= to, it -> it + step).boxed().toList();
    }
}
