package dev.holdfast.rest.v1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.core.beans.BeanIntrospection;
import io.micronaut.core.beans.BeanIntrospector;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.serde.annotation.Serdeable;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A client that was generated from the description reads each list as a list, also an empty one. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@OverFakes
class EmptyListsTest {
    private final EmbeddedServer running;

    EmptyListsTest(EmbeddedServer running) {
        this.running = running;
    }

    @Test
    void the_audit_of_a_new_server_is_an_empty_list() throws Exception {
        try (var server = new RestServerFixture(running)) {
            assertThat(server.send("GET", "/api/v1/audit").body())
                    .isEqualTo("{\"entries\":[],\"next_page_token\":\"\"}");
        }
    }

    @Test
    void no_answer_with_a_list_leaves_an_empty_one_out() {
        List<BeanIntrospection<Object>> answers = BeanIntrospector.SHARED
                .findIntrospections(it -> it.isPresent()
                        && it.getBeanType().getName().startsWith("dev.holdfast.")
                        && it.getAnnotationMetadata().hasStereotype(Serdeable.Serializable.class))
                .stream()
                .filter(it -> it.getBeanType().getEnclosingClass() != RequestBodies.class)
                .filter(EmptyListsTest::hasList)
                .toList();

        assertThat(answers).extracting(it -> it.getBeanType().getSimpleName()).contains("AuditJson", "BackupListJson");
        assertThat(answers)
                .filteredOn(it -> !keepsEmptyOnes(it))
                .extracting(it -> it.getBeanType().getSimpleName())
                .isEmpty();
    }

    private static boolean hasList(BeanIntrospection<Object> answer) {
        return components(answer)
                .anyMatch(it ->
                        Collection.class.isAssignableFrom(it.getType()) || Map.class.isAssignableFrom(it.getType()));
    }

    private static Stream<RecordComponent> components(BeanIntrospection<Object> answer) {
        return answer.getBeanType().isRecord() ? Stream.of(answer.getBeanType().getRecordComponents()) : Stream.empty();
    }

    private static boolean keepsEmptyOnes(BeanIntrospection<Object> answer) {
        JsonInclude include = answer.getBeanType().getAnnotation(JsonInclude.class);
        return include != null
                && (include.value() == JsonInclude.Include.ALWAYS || include.value() == JsonInclude.Include.NON_NULL);
    }
}
