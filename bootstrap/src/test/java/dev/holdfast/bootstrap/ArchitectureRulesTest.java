package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule finds a violation that is planted in the packages named {@code planted} of the tests. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchitectureRulesTest {
    private static final JavaClasses PLANTED = planted();

    private static JavaClasses planted() {
        return new ClassFileImporter()
                .importPackages(Stream.of("domain", "application", "notify", "store", "rest", "grpc", "bootstrap")
                        .map(it -> ArchitecturePackages.ROOT + it + ".planted")
                        .toArray(String[]::new));
    }

    static List<Arguments> rules() {
        return List.of(
                arguments(
                        ArchitectureRules.THE_DOMAIN_KNOWS_ONLY_THE_JDK,
                        "LoggingValue",
                        "a rule must be tried in a plain unit test"),
                arguments(
                        ArchitectureRules.THE_APPLICATION_KNOWS_ONLY_THE_DOMAIN,
                        "LoggingUseCase",
                        "a use case must run in a plain unit test"),
                arguments(
                        ArchitectureRules.ADAPTERS_IGNORE_EACH_OTHER,
                        "NotifyingStore",
                        "must be replaceable without a change in another adapter"),
                arguments(
                        ArchitectureRules.DRIVING_ADAPTERS_CONTAIN_NO_DRIVEN_ONE,
                        "SendingController",
                        "a request reaches files and tokens through a port only"),
                arguments(
                        ArchitectureRules.NOTHING_DEPENDS_ON_BOOTSTRAP,
                        "StartingService",
                        "it alone knows all adapters"),
                arguments(
                        ArchitectureRules.PACKAGES_FORM_NO_CYCLE,
                        "Chicken",
                        "a package can be understood after those that it uses"),
                arguments(
                        ArchitectureRules.A_SIMPLE_NAME_IS_UNIQUE,
                        "one.Namesake is one of 2 types with Namesake",
                        "a search for a name must find one type"),
                arguments(
                        ArchitectureRules.A_NAME_SAYS_WHAT_A_CLASS_IS_FOR,
                        "NameHelper",
                        "such a word says nothing of the job"),
                arguments(
                        ArchitectureRules.A_PUBLIC_TYPE_OF_AN_ADAPTER_IS_USED_BY_ANOTHER_PACKAGE,
                        "UnusedStore is public, and no other package uses it",
                        "in an adapter only what others need is public"),
                arguments(
                        ArchitectureRules.TIMERS_RUN_ON_THE_SCHEDULER_OF_THE_FRAMEWORK,
                        "OwnTimer",
                        "no timer ends with an exception"));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void a_planted_violation_is_found(ArchRule rule, String type, String reason) {
        var result = rule.evaluate(with(rule));

        assertThat(result.hasViolation()).isTrue();
        assertThat(result.getFailureReport().toString()).contains(type, reason);
    }

    /** What nothing depends on is known only when it is imported too. */
    private static JavaClasses with(ArchRule rule) {
        return rule == ArchitectureRules.NOTHING_DEPENDS_ON_BOOTSTRAP
                ? new ClassFileImporter()
                        .importPackages(
                                ArchitecturePackages.ROOT + "grpc.planted", ArchitecturePackages.ROOT + "bootstrap")
                : PLANTED;
    }

    @Test
    void more_types_than_a_package_may_have_are_found() {
        var result = ArchitectureRules.A_PACKAGE_HAS_ONE_JOB.evaluate(
                new ClassFileImporter().importPackages("org.junit.jupiter.api"));

        assertThat(result.getFailureReport().toString())
                .contains("types with org.junit.jupiter.api (expected: at most 20)", "has more than one job");
    }

    @Test
    void a_rule_whose_packages_were_renamed_fails() {
        JavaClasses others = new ClassFileImporter().importPackages(ArchitecturePackages.ROOT + "notify.planted");

        assertThatThrownBy(() -> ArchitectureRules.THE_DOMAIN_KNOWS_ONLY_THE_JDK.check(others))
                .hasMessageContaining("failed to check any classes");
    }

    @Test
    void a_package_that_is_not_in_the_list_is_found_and_so_is_one_without_a_class() {
        assertThatThrownBy(() -> ArchitectureTest.the_packages_are_those_of_the_list(PLANTED))
                .hasMessageContaining("domain.planted");
        assertThatThrownBy(() -> ArchitectureTest.the_packages_are_those_of_the_list(
                        new ClassFileImporter().importPackages(ArchitecturePackages.ROOT + "domain.backup")))
                .hasMessageContaining("domain.access");
    }

    @Test
    void the_planted_types_are_those_that_the_rules_find() {
        assertThat(PLANTED.stream().filter(JavaClass::isTopLevelClass)).hasSize(13);
    }
}
