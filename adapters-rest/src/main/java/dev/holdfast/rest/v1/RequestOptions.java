package dev.holdfast.rest.v1;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.request.Preferences;
import dev.holdfast.rest.v1.json.Ids;
import io.micronaut.http.HttpRequest;
import java.security.Principal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What headers and parameters say about how something is asked for. */
public final class RequestOptions {
    public static final String IDEMPOTENCY_KEY = "Idempotency-Key";
    public static final String PREFER = "Prefer";

    private RequestOptions() {}

    public static Outcome<Requester> requester(HttpRequest<?> request) {
        String name = request.getUserPrincipal().map(Principal::getName).orElse(Requester.ANONYMOUS);
        List<String> keys = request.getHeaders().getAll(IDEMPOTENCY_KEY);
        if (keys.size() > 1 || !keys.stream().allMatch(Requester::isValidKey)) {
            return Outcome.refused(new Problem.InvalidArgument(
                    IDEMPOTENCY_KEY,
                    "An Idempotency-Key is 1 to " + Requester.LONGEST_KEY + " visible ASCII characters."));
        }
        return Outcome.done(new Requester(name, keys.stream().findAny()));
    }

    /** Whether the client would rather poll than wait. */
    static boolean prefersAsync(HttpRequest<?> request) {
        return Preferences.name(request, "respond-async");
    }

    /** The database to select, if one is named; it need not be registered any more. */
    public static Outcome<Optional<DatabaseName>> database(@Nullable String name) {
        if (name == null) {
            return Outcome.done(Optional.empty());
        }
        return DatabaseName.isValid(name)
                ? Outcome.done(Optional.of(new DatabaseName(name)))
                : Outcome.refused(new Problem.DatabaseNotFound(name));
    }

    /** 0, which stands for the default, where it is absent. */
    public static Outcome<Integer> pageSize(@Nullable String text) {
        if (text == null) {
            return Outcome.done(0);
        }
        try {
            return Outcome.done(Integer.parseInt(text));
        } catch (NumberFormatException _) {
            return Outcome.refused(new Problem.InvalidArgument("page_size", "page_size is a number."));
        }
    }

    /** False where it is absent. Anything but the two words is refused: who insists says so clearly. */
    public static Outcome<Boolean> flag(String field, @Nullable String text) {
        return switch (text) {
            case null -> Outcome.done(false);
            case "true" -> Outcome.done(true);
            case "false" -> Outcome.done(false);
            default -> Outcome.refused(new Problem.InvalidArgument(field, field + " is true or false."));
        };
    }

    /** The one of {@code values} that {@code text} names. */
    public static <E extends Enum<E>> Outcome<Optional<E>> oneOf(String field, E[] values, @Nullable String text) {
        if (text == null) {
            return Outcome.done(Optional.empty());
        }
        return Stream.of(values)
                .filter(it -> Ids.of(it).equals(text))
                .findAny()
                .map(it -> Outcome.done(Optional.of(it)))
                .orElseGet(() -> Outcome.refused(new Problem.InvalidArgument(
                        field,
                        field + " is one of "
                                + String.join(
                                        ", ", Stream.of(values).map(Ids::of).toList()) + ".")));
    }
}
