package dev.holdfast.bootstrap.settings;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Variables that Kubernetes and {@code --link} of Docker inject for a service whose name begins with holdfast. They have
 * the form of this server's variables but are no settings, so the form of the value decides. See
 * <a href="https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables">Service: Environment
 * variables</a> and <a href="https://docs.docker.com/engine/network/links/">Legacy container links</a>.
 */
public final class ServiceLinks {
    private static final Pattern NAME = Pattern.compile("(?<service>HOLDFAST(?:_[A-Z0-9_]+?)??)_"
            + "(?:(?<address>SERVICE_HOST|PORT_\\d+_(?:TCP|UDP|SCTP)_ADDR)"
            + "|(?<number>SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\\d+_(?:TCP|UDP|SCTP)_PORT(?:_START|_END)?)"
            + "|(?<url>PORT|PORT_\\d+_(?:TCP|UDP|SCTP)(?:_START|_END)?)"
            + "|(?<protocol>PORT_\\d+_(?:TCP|UDP|SCTP)_PROTO)"
            + "|(?<name>NAME)"
            + "|(?<copied>ENV_.+))");

    private static final Pattern ADDRESS = Pattern.compile("\\d+(\\.\\d+){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,5}");
    private static final Pattern URL = Pattern.compile("(tcp|udp|sctp)://\\S+:\\d{1,5}");
    private static final Pattern PROTOCOL = Pattern.compile("tcp|udp|sctp");
    private static final Pattern LINK_NAME = Pattern.compile("/[^/\\s]+/\\S+");

    private ServiceLinks() {}

    /** Returns the names of those variables that are service links. */
    static Set<String> in(Map<String, String> environment) {
        return environment.keySet().stream()
                .filter(it -> isLink(it, environment))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean isLink(String variable, Map<String, String> environment) {
        Matcher name = NAME.matcher(variable);
        if (!name.matches()) {
            return false;
        }
        String value = environment.get(variable);
        if (name.group("copied") != null) {
            // Docker copies every variable of the linked container, with any value, next to this one.
            return LINK_NAME
                    .matcher(environment.getOrDefault(name.group("service") + "_NAME", ""))
                    .matches();
        }
        Pattern form = name.group("address") != null
                ? ADDRESS
                : name.group("number") != null
                        ? NUMBER
                        : name.group("url") != null ? URL : name.group("protocol") != null ? PROTOCOL : LINK_NAME;
        return form.matcher(value).matches();
    }

    /** Returns one line for the log, unless there are none. It has no values: some may be secrets of other programs. */
    public static Optional<String> warning(Map<String, String> environment) {
        Set<String> links = in(environment);
        return links.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "Ignored " + links.size() + " environment variables that have the form of container service"
                                + " links, not of settings: " + String.join(", ", links)
                                + ". To set one of these, use the file of --config or a service of another name.");
    }
}
