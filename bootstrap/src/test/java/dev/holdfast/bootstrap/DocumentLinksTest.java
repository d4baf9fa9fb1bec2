package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Links to pages and headings lead somewhere: those of Markdown, and those below {@code docs/} in comments and scripts.
 * What a comment relies on has a heading there and is not cited by its number.
 */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DocumentLinksTest {
    private static final Set<String> FOREIGN_FOLDERS = Set.of(".git", "target", "node_modules");
    private static final Set<String> ENDS =
            Set.of("java", "md", "js", "mjs", "sh", "yml", "proto", "sql", "xml", "html", "py", "c", "txt");

    private static final Pattern PAGE = Pattern.compile("(?<![\\w/-])docs/[\\w./-]*\\.md(?:#([\\p{L}\\p{N}_-]+))?");
    private static final Pattern LINK = Pattern.compile("]\\(([^()\\s]+)\\)");
    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z+.-]*:.*");
    private static final Pattern HEADING = Pattern.compile("#{1,6} +(.*?)(?: +#+)? *");
    private static final Pattern NUMBERED = Pattern.compile(
            "\\brules? [0-9]+|contract,\\s+section|safety\\.md|(?<!RFC \\d{4}, )\\bsections? [0-9]",
            Pattern.CASE_INSENSITIVE);

    /** The pattern is slow, and most files have none of these. */
    private static final List<String> WORDS_OF_CITATIONS = List.of("rule", "section", "safety");

    private static Texts checkout = new Texts(Path.of(""), Map.of());

    @TempDir
    Path tree;

    @BeforeAll
    static void read() throws Exception {
        checkout = Texts.below(TestSources.checkout());
    }

    @Test
    void all_links_lead_to_files_and_headings() {
        assertThat(checkout.links(".java")).hasSizeGreaterThan(50);
        assertThat(checkout.links(".md")).hasSizeGreaterThan(100);
        assertThat(checkout.deadLinks()).isEmpty();
    }

    @Test
    void nothing_is_cited_by_its_number() {
        assertThat(checkout.citedByNumber()).isEmpty();
    }

    @Test
    void dead_links_are_named_in_each_kind_of_file() throws Exception {
        write("d~ocs/locks.md", "# Locks\n\n## One descriptor\n");
        write("Gate.java", "/** See {@code d~ocs/locks.md#one-descriptor}. */\n/** {@code d~ocs/locks.md#two}. */");
        write("client.js", "// d~ocs/locks.md\n// d~ocs/clocks.md\n");
        write("run.sh", "# d~ocs/locks.md#three\n");
        write("check", "#!/bin/sh\n# d~ocs/none.md\n");
        write("d~ocs/deep/page.md", """
                # Page
                [up](../locks.md#one-descriptor) [here](#page) [folder](../deep/) [away](https://sqlite.org/wal.html#x)
                [gone](../gone.md) [no such](../locks.md#four)
                [neither](#five)
                """);

        assertThat(Texts.below(tree).deadLinks())
                .containsExactlyInAnyOrder(
                        plain("Gate.java:2: d~ocs/locks.md#two"),
                        plain("client.js:2: d~ocs/clocks.md"),
                        plain("run.sh:1: d~ocs/locks.md#three"),
                        plain("check:2: d~ocs/none.md"),
                        plain("d~ocs/deep/page.md:3: ../gone.md"),
                        plain("d~ocs/deep/page.md:3: ../locks.md#four"),
                        plain("d~ocs/deep/page.md:4: #five"));
    }

    @Test
    void a_heading_has_the_address_that_its_page_shows() throws Exception {
        write("page.md", """
                # SQLite's answer: `zip` & [tar](other.md#no)
                ## Twice
                ## Twice
                ```sh
                # a comment
                ls [x](none.md)
                ```
                Not a link: `[x](none.md)`.
                [1](#sqlites-answer-zip--tar) [2](#twice) [3](#twice-1)
                [4](#twice-2) [5](#a-comment)
                """);
        write("other.md", "## No ##\n");

        assertThat(Texts.below(tree).deadLinks()).containsExactly("page.md:10: #twice-2", "page.md:10: #a-comment");
    }

    @Test
    void citations_by_number_are_named() throws Exception {
        write("Gate.java", "/** The trap of ru~le 3. */\n/** (RFC 9110, section 14) and (sec~tion 4.1). */");
        write("page.md", "As the con~tract, section of PocketBase says.\n");
        write("test", "# sqlite-saf~ety.md\n# Ru~les 18 and 22\n");
        write("target/Gate.java", "/** Ru~le 3. */");

        assertThat(Texts.below(tree).citedByNumber())
                .containsExactlyInAnyOrder(
                        plain("Gate.java:1: ru~le 3"),
                        plain("Gate.java:2: sec~tion 4"),
                        plain("page.md:1: con~tract, section"),
                        plain("test:1: saf~ety.md"),
                        plain("test:2: Ru~les 18"));
    }

    private void write(String name, String text) throws Exception {
        Path file = tree.resolve(plain(name));
        Files.createDirectories(file.getParent());
        Files.writeString(file, plain(text));
    }

    /** What is planted has a tilde, so that it is not found in this file. */
    private static String plain(String planted) {
        return planted.replace("~", "");
    }

    /** The texts of a checkout, by their paths in it. */
    private record Texts(Path root, Map<Path, String> files) {
        static Texts below(Path root) throws IOException {
            List<Path> found = new ArrayList<>();
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    return FOREIGN_FOLDERS.contains(folder.getFileName().toString())
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile() && isText(file.getFileName().toString())) {
                        found.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
            Map<Path, String> files = new HashMap<>();
            for (Path file : found) {
                files.put(root.relativize(file), Files.readString(file));
            }
            return new Texts(root, files);
        }

        /** The scripts at the top have no end. */
        private static boolean isText(String name) {
            int dot = name.lastIndexOf('.');
            return dot < 0 || ENDS.contains(name.substring(dot + 1));
        }

        /** @param shown as the file has it; {@code path} is where it leads, from the root */
        private record Link(Path file, int line, String shown, Path path, Optional<String> heading) {
            @Override
            public String toString() {
                return file + ":" + line + ": " + shown;
            }
        }

        List<Link> links(String end) {
            return files.keySet().stream()
                    .filter(it -> it.toString().endsWith(end))
                    .flatMap(it -> links(it).stream())
                    .toList();
        }

        private List<Link> links(Path file) {
            boolean markdown = file.toString().endsWith(".md");
            List<Link> links = new ArrayList<>();
            List<String> lines = (markdown ? prose(text(file)) : text(file).lines()).toList();
            for (int i = 0; i < lines.size(); i++) {
                int line = i + 1;
                if (markdown) {
                    LINK.matcher(withoutCode(lines.get(i)))
                            .results()
                            .map(it -> it.group(1))
                            .filter(it -> !SCHEME.matcher(it).matches())
                            .forEach(it -> links.add(relative(file, line, it)));
                } else if (lines.get(i).contains("docs/")) {
                    PAGE.matcher(lines.get(i))
                            .results()
                            .map(it -> new Link(
                                    file,
                                    line,
                                    it.group(),
                                    Path.of(it.group().replaceFirst("#.*", "")),
                                    Optional.ofNullable(it.group(1))))
                            .forEach(links::add);
                }
            }
            return links;
        }

        private static Link relative(Path file, int line, String target) {
            int hash = target.indexOf('#');
            String name = hash < 0 ? target : target.substring(0, hash);
            return new Link(
                    file,
                    line,
                    target,
                    name.isEmpty() ? file : file.resolveSibling(name).normalize(),
                    hash < 0 ? Optional.empty() : Optional.of(target.substring(hash + 1)));
        }

        List<String> deadLinks() {
            Map<Path, Set<String>> headings = new HashMap<>();
            return files.keySet().stream()
                    .sorted()
                    .flatMap(it -> links(it).stream())
                    .filter(it -> !leads(it, headings))
                    .map(Link::toString)
                    .toList();
        }

        private boolean leads(Link link, Map<Path, Set<String>> headings) {
            return link.heading().isEmpty()
                    ? Files.exists(root.resolve(link.path()))
                    : headings.computeIfAbsent(link.path(), this::headings)
                            .contains(link.heading().get());
        }

        /** Their addresses, as the pages of a repository show them; none if there is no such page. */
        private Set<String> headings(Path page) {
            Set<String> headings = new HashSet<>();
            if (files.containsKey(page)) {
                prose(text(page)).map(HEADING::matcher).filter(Matcher::matches).forEach(it -> {
                    String address = address(it.group(1));
                    int number = 0;
                    while (!headings.add(number == 0 ? address : address + "-" + number)) {
                        number++;
                    }
                });
            }
            return headings;
        }

        private static String address(String heading) {
            return heading.replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-');
        }

        /** The lines of a Markdown page; those of code blocks are empty. */
        private static Stream<String> prose(String text) {
            boolean[] code = {false};
            return text.lines().map(it -> {
                boolean fence = it.strip().startsWith("```");
                code[0] ^= fence;
                return fence || code[0] ? "" : it;
            });
        }

        private static String withoutCode(String line) {
            return line.replaceAll("`[^`]*`", "");
        }

        private String text(Path file) {
            return files.getOrDefault(file, "");
        }

        List<String> citedByNumber() {
            return files.keySet().stream().sorted().flatMap(this::citedByNumber).toList();
        }

        private Stream<String> citedByNumber(Path file) {
            String text = text(file);
            String lower = text.toLowerCase(Locale.ROOT);
            if (WORDS_OF_CITATIONS.stream().noneMatch(lower::contains)) {
                return Stream.empty();
            }
            return NUMBERED.matcher(text).results().map(it -> file + ":" + line(text, it.start()) + ": " + it.group());
        }

        private static long line(String text, int at) {
            return text.substring(0, at).lines().count();
        }
    }
}
