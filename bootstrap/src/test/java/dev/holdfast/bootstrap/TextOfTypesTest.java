package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * No text is made of the name of a type: a rename would change it, and what is stored by it would be lost.
 * {@code docs/internals/stored-values.md#names-of-types} has the rule.
 */
@ArchTag("unit")
@AnalyzeClasses(
        packages = "dev.holdfast",
        importOptions = {
            DoNotIncludeTests.class,
            ArchitectureTest.OfTheProgram.class,
            ArchitectureTest.WrittenByHand.class
        })
class TextOfTypesTest {
    /** The order of locks within the process is stored nowhere. */
    @ArchTest
    static void a_value_becomes_text_by_what_its_type_has_written_for_that(JavaClasses program) {
        assertThat(new TextsOfTypes(program).ofValues()).containsExactly("<clinit> of FileGate$Key: FileGate$Key");
    }

    /** The names of constants in gRPC's messages, and failures in texts for people. Nothing of it is stored. */
    @ArchTest
    static void the_name_of_a_class_is_no_value(JavaClasses program) {
        assertThat(new TextsOfTypes(program).ofClasses())
                .containsExactly("DataDirectory", "EnumNames", "PublishedKeys", "Values", "WebhookSender");
    }

    /** What the rules have to find, and what they have to pass. */
    record Planted(int minute) {
        String added(Planted other) {
            return "1 " + other;
        }

        String called() {
            return toString();
        }

        String ofField(Optional<Holder> holder) {
            return String.valueOf(holder.orElseThrow().planted);
        }

        StringBuilder appended(StringBuilder text, Planted other) {
            return text.append(other);
        }

        String mapped(Stream<Planted> all) {
            return all.map(Planted::toString).findFirst().orElse("");
        }

        String named() {
            return getClass().getSimpleName();
        }

        String passed(Written written, Thread.State state) {
            return "1 " + written + state + minute;
        }
    }

    record Holder(Planted planted) {}

    record Written(int minute) {
        @Override
        public String toString() {
            return "minute " + minute;
        }
    }

    @ArchTest
    static void each_way_to_such_a_text_is_found(JavaClasses program) {
        JavaClasses planted = new ClassFileImporter().importClasses(Planted.class, Holder.class, Written.class);
        var texts = new TextsOfTypes(planted);
        String type = "TextOfTypesTest$Planted";
        assertThat(texts.ofValues())
                .containsExactlyInAnyOrder(
                        "added of " + type + ": " + type,
                        "called of " + type + ": " + type,
                        "ofField of " + type + ": " + type,
                        "appended of " + type + ": " + type,
                        "mapped of " + type + ": " + type);
        assertThat(texts.ofClasses()).containsExactly(type);
    }
}
