package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;

/** The stubs' jar, the descriptor set and the API's description are published with one build, in one version. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ClientProductsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @CsvSource({"grpc-api, binpb, descriptors", "adapters-rest, yml, openapi"})
    void a_module_publishes_what_other_languages_need(String module, String type, String classifier) throws Exception {
        Element pom = read(ROOT.resolve(module).resolve("pom.xml"));
        Element artifact = only(pom, "artifact");

        assertThat(text(artifact, "type")).isEqualTo(type);
        assertThat(text(artifact, "classifier")).isEqualTo(classifier);
        String target = ROOT.resolve(module).resolve("target").toString();
        Path file = Path.of(text(artifact, "file")
                .replace("${project.build.directory}", target)
                .replace("${project.build.outputDirectory}", target + "/classes"));
        assertThat(Files.size(file)).isPositive();
        // No version of its own: the parent's, as of every module.
        assertThat(children(pom)).contains("parent").doesNotContain("version");
        assertThat(text(only(pom, "parent"), "version")).isEqualTo(rootVersion());
    }

    private static String rootVersion() throws Exception {
        return text(read(ROOT.resolve("pom.xml")), "version");
    }

    private static Element read(Path pom) throws Exception {
        return DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(pom.toFile())
                .getDocumentElement();
    }

    private static Element only(Element parent, String name) {
        var found = parent.getElementsByTagName(name);
        assertThat(found.getLength()).as(name).isEqualTo(1);
        return (Element) found.item(0);
    }

    private static String text(Element parent, String name) {
        return parent.getElementsByTagName(name).item(0).getTextContent();
    }

    private static List<String> children(Element parent) {
        var nodes = parent.getChildNodes();
        return IntStream.range(0, nodes.getLength())
                .mapToObj(it -> nodes.item(it).getNodeName())
                .toList();
    }
}
