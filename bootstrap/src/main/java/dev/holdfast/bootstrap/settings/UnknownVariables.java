package dev.holdfast.bootstrap.settings;

import dev.holdfast.domain.identity.DatabaseName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The variables of one environment that look like settings and are none. A misspelt variable would leave its setting at the
 * default: another port, no access control, or a sample in place of the database that must be backed up.
 */
final class UnknownVariables {
    /** Variables of this program that are no settings. */
    static final Set<String> OTHERS = Set.of(
            "HOLDFAST_ADMIN_PASSWORD",
            "HOLDFAST_ADMIN_USERNAME",
            "HOLDFAST_BACKUP",
            "HOLDFAST_DATABASE",
            "HOLDFAST_FAIL_AT",
            "HOLDFAST_JAVA_OPTS",
            "HOLDFAST_LOG_FORMAT",
            "HOLDFAST_LOG_LEVEL",
            "HOLDFAST_SERVER",
            "HOLDFAST_TOKEN");

    static final String START = "HOLDFAST_";

    private static final String IN_THE_FILE =
            " database whose name has - or capitals is configured in the file of --config";
    private static final int MAX_DISTANCE = 2;
    private static final int MAX_SUGGESTIONS = 3;
    private static final int MAX_SHOWN = 200;

    private final Map<String, String> environment;
    private final List<Named> named;
    private final Set<String> known = new TreeSet<>(OTHERS);

    /**
     * What is configured below a name that the user chooses.
     *
     * @param thing a database or a webhook
     * @param before what such a variable begins with
     * @param leaf what a variable ends with that alone makes a new name known
     * @param leaves what such variables end with
     * @param inFile the names that the file has, by what they are in a variable
     * @param inEnvironment the names, in capitals, that only the environment has
     */
    private record Named(
            String thing,
            String before,
            String leaf,
            Set<String> leaves,
            Map<String, List<String>> inFile,
            Set<String> inEnvironment) {
        Set<String> names() {
            var names = new TreeSet<>(inFile.keySet());
            names.addAll(inEnvironment);
            return names;
        }
    }

    /** @param keys every key there is, those of a database with {@code databases.default}, of a webhook likewise */
    UnknownVariables(SettingsSource source, Map<String, String> environment, Set<String> keys) {
        this.environment = environment;
        this.named = List.of(
                named("database", "databases", "file", source, keys),
                named("webhook", "webhooks", "url", source, keys));
        keys.stream()
                .map(SettingsSource::environmentName)
                .filter(it -> named.stream().noneMatch(section -> (it + "_").startsWith(section.before())))
                .forEach(known::add);
        for (Named section : named) {
            Set<String> names = section.names();
            if (names.isEmpty() && section.thing().equals("database")) {
                names.add(SettingsSource.environmentName(DatabaseName.DEFAULT.value()));
            }
            names.forEach(name -> section.leaves().forEach(leaf -> known.add(section.before() + name + leaf)));
        }
    }

    private Named named(String thing, String section, String leaf, SettingsSource source, Set<String> keys) {
        String key = Settings.ROOT + section;
        String before = SettingsSource.environmentName(key + ".");
        String anyName = SettingsSource.environmentName(key + ".default");
        Set<String> leaves = keys.stream()
                .map(SettingsSource::environmentName)
                .filter(it -> it.startsWith(anyName + "_"))
                .map(it -> it.substring(anyName.length()))
                .collect(Collectors.toCollection(TreeSet::new));
        Map<String, List<String>> inFile = source.namesInFile(key).stream()
                .collect(Collectors.groupingBy(SettingsSource::environmentName, TreeMap::new, Collectors.toList()));
        String made = SettingsSource.environmentName("." + leaf);
        Set<String> inEnvironment = environment.keySet().stream()
                .flatMap(it -> name(it, before, made).stream())
                .filter(it -> it.matches("[A-Z0-9_]+") && !inFile.containsKey(it))
                .collect(Collectors.toCollection(TreeSet::new));
        return new Named(thing, before, made, leaves, inFile, inEnvironment);
    }

    private static Optional<String> name(String variable, String before, String after) {
        return variable.startsWith(before)
                        && variable.endsWith(after)
                        && variable.length() > before.length() + after.length()
                ? Optional.of(variable.substring(before.length(), variable.length() - after.length()))
                : Optional.empty();
    }

    /** @throws InvalidSettingException that names all of them, one a line */
    void refuse() {
        List<String> lines = environment.keySet().stream()
                .sorted()
                .flatMap(it -> problem(it).map(what -> shown(it) + ": " + what).stream())
                .toList();
        if (!lines.isEmpty()) {
            throw InvalidSettingException.several(lines);
        }
    }

    /** A name from outside may be anything. */
    private static String shown(String variable) {
        String text = variable.replaceAll("\\p{Cntrl}", "?");
        return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
    }

    private Optional<String> problem(String variable) {
        if (known.contains(variable)) {
            return namesTwo(variable).or(() -> readsAsAnother(variable));
        }
        if (variable.startsWith(START)) {
            return Optional.of(unknown(variable));
        }
        // Its first word may be the misspelt one. A letter in front makes it another program's, or one that is put
        // aside.
        String capitals = capitals(variable);
        Set<String> near = near(capitals, 1);
        return near.isEmpty() || (capitals.charAt(0) != START.charAt(0) && capitals.startsWith(START, 1))
                ? Optional.empty()
                : Optional.of("unknown variable" + didYouMean(near));
    }

    private static String capitals(String variable) {
        return SettingsSource.environmentName(variable);
    }

    /** The file may have names that are the same in a variable. */
    private Optional<String> namesTwo(String variable) {
        for (Named section : named) {
            for (Map.Entry<String, List<String>> name : section.inFile().entrySet()) {
                if (name.getValue().size() > 1
                        && section.leaves().stream()
                                .anyMatch(it -> variable.equals(section.before() + name.getKey() + it))) {
                    return Optional.of("means more than one " + section.thing() + ": "
                            + String.join(", ", name.getValue()) + " (expected: set in the file of --config)");
                }
            }
        }
        return Optional.empty();
    }

    /** {@code …_SHOP_EXTRA_FILE} would register a database shop_extra; it is the misspelt {@code …_SHOP_EXTRA_FILES}. */
    private Optional<String> readsAsAnother(String variable) {
        for (Named section : named) {
            Optional<String> made =
                    name(variable, section.before(), section.leaf()).filter(section.inEnvironment()::contains);
            if (made.isEmpty()) {
                continue;
            }
            Optional<String> other = section.names().stream()
                    .filter(it -> made.get().startsWith(it + "_"))
                    .flatMap(name -> section.leaves().stream()
                            .filter(it -> !it.equals(section.leaf()))
                            .map(it -> section.before() + name + it))
                    .filter(it -> Misspelling.between(variable, it) == 1)
                    .findFirst();
            if (other.isPresent()) {
                return Optional.of("looks misspelt (did you mean " + other.get() + "? A " + section.thing() + " called "
                        + made.get().toLowerCase(Locale.ROOT) + " is configured in the file of --config)");
            }
        }
        return Optional.empty();
    }

    private String unknown(String variable) {
        for (Named section : named) {
            Optional<String> name = section.leaves().stream()
                    .flatMap(it -> name(variable, section.before(), it).stream())
                    .min(Comparator.comparing(String::length));
            if (name.isPresent()) {
                return noSuchName(variable, section, name.get());
            }
        }
        String capitals = capitals(variable);
        Set<String> near = near(capitals, MAX_DISTANCE);
        if (near.isEmpty()) {
            near = withWordsOf(capitals);
        }
        return "unknown variable"
                + (near.isEmpty() ? " (expected: one of the variables in docs/settings.md)" : didYouMean(near));
    }

    private String noSuchName(String variable, Named section, String name) {
        String capitals = capitals(name);
        boolean isDatabase = section.thing().equals("database");
        if (!name.equals(capitals)) {
            String right = section.before()
                    + capitals
                    + variable.substring(section.before().length() + name.length());
            boolean exists = section.names().contains(capitals);
            return "unknown variable ("
                    + (exists || name.matches("[a-z0-9_]+")
                            ? "did you mean " + right + "?" + (isDatabase ? " A" + IN_THE_FILE : "")
                            : "expected: " + section.thing() + " " + name + " in the file of --config"
                                    + (isDatabase ? "; a" + IN_THE_FILE : ""))
                    + ")";
        }
        String called = name.toLowerCase(Locale.ROOT);
        Set<String> near = nearKnown(variable, MAX_DISTANCE);
        return "there is no " + section.thing() + " " + called
                + (near.isEmpty()
                        ? " (expected: " + section.before() + name + section.leaf() + " as well, or " + called
                                + " in the file of --config" + (isDatabase ? "; a" + IN_THE_FILE : "") + ")"
                        : " (did you mean " + String.join(" or ", near) + "?" + (isDatabase ? " A" + IN_THE_FILE : "")
                                + ")");
    }

    private static String didYouMean(Collection<String> names) {
        return " (did you mean " + String.join(" or ", names) + "?)";
    }

    /** Those known variables that differ least, and by at most {@code most} letters. */
    private Set<String> nearKnown(String variable, int most) {
        var distances = new TreeMap<String, Integer>();
        known.forEach(it -> put(distances, it, distance(variable, it, most)));
        return nearest(distances, most);
    }

    /** Those variables that differ least, of names that are not known too. */
    private Set<String> near(String variable, int most) {
        var distances = new TreeMap<String, Integer>();
        known.forEach(it -> put(distances, it, distance(variable, it, most)));
        for (Named section : named) {
            putOfAnyName(distances, variable, section, most);
            putOfExchanged(distances, variable, section);
        }
        return nearest(distances, most);
    }

    private static int distance(String variable, String other, int most) {
        return Math.abs(variable.length() - other.length()) > most ? most + 1 : Misspelling.between(variable, other);
    }

    private static void put(Map<String, Integer> distances, String variable, int distance) {
        distances.merge(variable, distance, Math::min);
    }

    /** Any text between a beginning and an end may be a name. Both may be misspelt. */
    private static void putOfAnyName(Map<String, Integer> distances, String variable, Named section, int most) {
        int[] before = Misspelling.ofPrefixes(
                section.before(), first(variable, section.before().length() + most));
        String backwards = reversed(variable);
        for (String leaf : section.leaves()) {
            int[] after = Misspelling.ofPrefixes(reversed(leaf), first(backwards, leaf.length() + most));
            for (int start = section.before().length() - most;
                    start <= section.before().length() + most;
                    start++) {
                for (int length = Math.max(1, leaf.length() - most); length <= leaf.length() + most; length++) {
                    int end = variable.length() - length;
                    if (start < end && before[start] + after[length] <= most) {
                        String name = variable.substring(start, end);
                        if (!name.startsWith("_") && !name.endsWith("_")) {
                            put(distances, section.before() + name + leaf, before[start] + after[length]);
                        }
                    }
                }
            }
        }
    }

    /** The last letter of a name and the next one, or the first and the one before, may be exchanged. */
    private static void putOfExchanged(Map<String, Integer> distances, String variable, Named section) {
        for (int i = 1; i < variable.length(); i++) {
            String exchanged = variable.substring(0, i - 1)
                    + variable.charAt(i)
                    + variable.charAt(i - 1)
                    + variable.substring(i + 1);
            if (section.leaves().stream()
                    .anyMatch(it -> name(exchanged, section.before(), it).isPresent())) {
                put(distances, exchanged, 1);
            }
        }
    }

    private static String first(String text, int letters) {
        return text.substring(0, Math.min(text.length(), letters));
    }

    private static String reversed(String text) {
        return new StringBuilder(text).reverse().toString();
    }

    private Set<String> nearest(Map<String, Integer> distances, int most) {
        int least = distances.values().stream().mapToInt(it -> it).min().orElse(most + 1);
        return least > most
                ? Set.of()
                : distances.entrySet().stream()
                        .filter(it -> it.getValue() == least)
                        .map(Map.Entry::getKey)
                        .sorted(Comparator.comparing((String it) -> !known.contains(it))
                                .thenComparing(Comparator.naturalOrder()))
                        .limit(MAX_SUGGESTIONS)
                        .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** {@code HOLDFAST_HOST} lacks a word of {@code HOLDFAST_HTTP_HOST}. */
    private Set<String> withWordsOf(String variable) {
        List<String> words = words(variable);
        return known.stream()
                .filter(it -> {
                    var left = new ArrayList<>(words);
                    words(it).forEach(word -> {
                        if (!left.isEmpty() && left.getFirst().equals(word)) {
                            left.removeFirst();
                        }
                    });
                    return left.isEmpty();
                })
                .sorted(Comparator.comparing(String::length).thenComparing(Comparator.naturalOrder()))
                .limit(MAX_SUGGESTIONS)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static List<String> words(String variable) {
        return Arrays.stream(variable.split("_")).filter(it -> !it.isEmpty()).toList();
    }

    /** Returns whether the environment has a setting, known or not. */
    static boolean isSetting(String variable, String value) {
        return variable.startsWith(START) && !OTHERS.contains(variable) && !value.isEmpty();
    }
}
