import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Fails if a class path has a version with a known hole: as a dependency, in a shaded jar, or in a jar within a jar.
 *
 * <p>usage: java scripts/KnownHoles.java LIST CLASSPATH
 *
 * <p>Ends with 0 if nothing is found, with 1 if something is, and with 2 if the arguments or the list are wrong.
 */
public final class KnownHoles {
    private static final Pattern LINE = Pattern.compile("(\\S+):(\\S+)\\s+(\\d\\S*)\\s+(\\S+/)\\s+(\\S.*)");
    /** What Maven writes into its jars; shading keeps it, whatever the names of the classes become. */
    private static final Pattern POM = Pattern.compile("META-INF/maven/([^/]+)/([^/]+)/pom\\.properties");
    /** Netty's own record. Shading may put a prefix before its name. */
    private static final Pattern NETTY = Pattern.compile("META-INF/(?:.*\\.)?io\\.netty\\.versions\\.properties");
    /** The end of a jar's path in a local repository, apart from the group before it. */
    private static final Pattern IN_REPOSITORY = Pattern.compile("(.*)/([^/]+)/([^/]+)/\\2-\\3[^/]*\\.jar");
    private static final Pattern TOKEN = Pattern.compile("\\d+|[A-Za-z]+");
    private static final List<String> BEFORE_A_RELEASE = List.of("snapshot", "rc", "cr", "milestone", "m", "beta", "alpha");

    private final List<Hole> holes;
    private final Set<String> findings = new TreeSet<>();

    private KnownHoles(List<Hole> holes) {
        this.holes = holes;
    }

    /**
     * A line of the list.
     *
     * @param artifact {@code *} for each one of the group
     * @param packages where its classes are, as {@code io/netty/}
     */
    private record Hole(String group, String artifact, String firstFixed, String packages, String reason) {
        boolean isOf(String otherGroup, String otherArtifact) {
            return group.equals(otherGroup) && (artifact.equals("*") || artifact.equals(otherArtifact));
        }

        boolean isOfJar(String jar) {
            Matcher path = IN_REPOSITORY.matcher(jar);
            return path.matches()
                    && path.group(1).endsWith("/" + group.replace('.', '/'))
                    && (artifact.equals("*") || artifact.equals(path.group(2)));
        }
    }

    /** What one jar has of one line of the list. */
    private static final class Found {
        boolean versioned;
        boolean classes;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: java scripts/KnownHoles.java LIST CLASSPATH");
            System.exit(2);
        }
        var check = new KnownHoles(read(Path.of(arguments[0])));
        int jars = 0;
        for (String element : arguments[1].split(Pattern.quote(File.pathSeparator))) {
            if (element.endsWith(".jar") && Files.isRegularFile(Path.of(element))) {
                check.look(element);
                jars++;
            }
        }
        check.findings.forEach(it -> System.err.println("known-holes: " + it));
        if (jars == 0) {
            System.err.println("known-holes: no jar in CLASSPATH (expected: at least one)");
            System.exit(2);
        }
        if (!check.findings.isEmpty()) {
            System.err.println("known-holes: update these dependencies; CONTRIBUTING.md says how the list is kept");
            System.exit(1);
        }
    }

    private static List<Hole> read(Path list) throws IOException {
        var holes = new ArrayList<Hole>();
        for (String line : Files.readAllLines(list)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Matcher fields = LINE.matcher(line);
            if (!fields.matches()) {
                System.err.println("known-holes: " + list + ": " + line
                        + " (expected: group:artifact, first fixed version, path of its classes, reason)");
                System.exit(2);
            }
            holes.add(new Hole(
                    fields.group(1), fields.group(2), fields.group(3), fields.group(4), fields.group(5)));
        }
        return holes;
    }

    private void look(String jar) throws IOException {
        List<Found> found = holes.stream().map(_ -> new Found()).toList();
        Matcher path = IN_REPOSITORY.matcher(jar);
        for (int i = 0; i < holes.size(); i++) {
            if (holes.get(i).isOfJar(jar) && path.matches()) {
                report(holes.get(i), found.get(i), path.group(2), path.group(3), jar);
            }
        }
        try (InputStream in = Files.newInputStream(Path.of(jar))) {
            look(in, jar, found);
        }
        for (int i = 0; i < holes.size(); i++) {
            if (found.get(i).classes && !found.get(i).versioned) {
                Hole hole = holes.get(i);
                findings.add(jar + " has classes of " + hole.group() + ":" + hole.artifact()
                        + ", of no known version (expected: a version of at least " + hole.firstFixed() + "): "
                        + hole.reason());
            }
        }
    }

    private void look(InputStream jar, String name, List<Found> found) throws IOException {
        var entries = new ZipInputStream(jar);
        for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
            String path = entry.getName();
            Matcher pom = POM.matcher(path);
            if (path.endsWith(".jar")) {
                look(entries, name + "!/" + path, found);
            } else if (pom.matches()) {
                report(pom.group(1), pom.group(2), load(entries).getProperty("version", "0"), name, found);
            } else if (NETTY.matcher(path).matches()) {
                load(entries).forEach((key, value) -> {
                    String artifact = key.toString().replaceFirst("\\.version$", "");
                    if (!artifact.equals(key)) {
                        report("io.netty", artifact, value.toString(), name, found);
                    }
                });
            } else if (path.endsWith(".class")) {
                for (int i = 0; i < holes.size(); i++) {
                    String packages = holes.get(i).packages();
                    found.get(i).classes |= path.startsWith(packages) || path.contains("/" + packages);
                }
            }
        }
    }

    private static Properties load(InputStream entry) throws IOException {
        var properties = new Properties();
        properties.load(entry);
        return properties;
    }

    private void report(String group, String artifact, String version, String jar, List<Found> found) {
        for (int i = 0; i < holes.size(); i++) {
            if (holes.get(i).isOf(group, artifact)) {
                report(holes.get(i), found.get(i), artifact, version, jar);
            }
        }
    }

    private void report(Hole hole, Found found, String artifact, String version, String jar) {
        found.versioned = true;
        if (compare(version, hole.firstFixed()) < 0) {
            findings.add(hole.group() + ":" + artifact + " " + version + " in " + jar + " (expected: at least "
                    + hole.firstFixed() + "): " + hole.reason());
        }
    }

    /** Compares numbers as numbers; {@code Final} and unknown words count as nothing, {@code M4} as before the release. */
    private static int compare(String one, String other) {
        List<Long> left = tokens(one);
        List<Long> right = tokens(other);
        for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
            int order = Long.compare(i < left.size() ? left.get(i) : 0, i < right.size() ? right.get(i) : 0);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static List<Long> tokens(String version) {
        return TOKEN.matcher(version)
                .results()
                .map(MatchResult::group)
                .map(it -> Character.isDigit(it.charAt(0))
                        ? Long.parseLong(it)
                        : -1L - BEFORE_A_RELEASE.indexOf(it.toLowerCase(java.util.Locale.ROOT)))
                .toList();
    }
}
