package dev.holdfast.bootstrap;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.micronaut.scheduling.TaskScheduler;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.regex.Pattern;

/** What the modules cannot hold by themselves. */
@ArchTag("unit")
@AnalyzeClasses(
        packages = "dev.holdfast",
        importOptions = {
            DoNotIncludeTests.class,
            ArchitectureTest.OfTheProgram.class,
            ArchitectureTest.WrittenByHand.class
        })
class ArchitectureTest {

    @ArchTest
    static final ArchRule the_domain_knows_only_the_jdk = classes()
            .that()
            .resideInAPackage("dev.holdfast.domain..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify.annotations", "dev.holdfast.domain..")
            .because("a rule must be tried in a plain unit test");

    @ArchTest
    static final ArchRule the_application_knows_only_the_domain_and_the_jdk = classes()
            .that()
            .resideInAPackage("dev.holdfast.application..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..", "org.jspecify.annotations", "dev.holdfast.domain..", "dev.holdfast.application..")
            .because("a use case must run in a plain unit test");

    @ArchTest
    static final ArchRule adapters_ignore_each_other = slices().matching(
                    "dev.holdfast.(rest|grpc|security|sqlite|files|s3)..")
            .should()
            .notDependOnEachOther()
            .because("only bootstrap knows which adapters there are");

    @ArchTest
    static final ArchRule nothing_depends_on_bootstrap = classes()
            .that()
            .resideInAPackage("dev.holdfast.bootstrap..")
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAPackage("dev.holdfast.bootstrap..");

    @ArchTest
    static final ArchRule features_form_no_cycle =
            slices().matching("dev.holdfast.application.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule a_name_says_what_a_class_is_for = noClasses()
            .should()
            .haveNameMatching(".*(Impl|Utils?|Helper|Manager|Port)(\\$.*)?")
            .orShould()
            .resideInAnyPackage("..util..", "..common..", "..impl..", "..manager..");

    @ArchTest
    static final ArchRule timers_run_on_the_scheduler_of_the_framework = noClasses()
            .should()
            .callMethodWhere(target(nameMatching(".*[sS]chedule(d|At|With).*"))
                    .and(target(owner(assignableTo(ScheduledExecutorService.class)
                            .or(assignableTo(Executors.class))
                            .or(assignableTo(java.util.Timer.class))))))
            .orShould()
            .callConstructorWhere(target(
                    owner(assignableTo(ScheduledThreadPoolExecutor.class).or(assignableTo(java.util.Timer.class)))))
            .because("its pool has one owner, and no timer ends with an exception");

    /** A timer whose run lasts would delay another one if they had to share a thread. */
    @ArchTest
    static void each_timer_has_a_thread(JavaClasses program) {
        long timers = program.stream()
                .filter(it -> !it.isEquivalentTo(RepeatedTask.class))
                .flatMap(it -> it.getCodeUnitCallsFromSelf().stream())
                .map(JavaCodeUnitAccess::getTarget)
                .filter(it -> it.getOwner().isAssignableTo(TaskScheduler.class)
                        || (it.getOwner().isEquivalentTo(RepeatedTask.class)
                                && it.getName().equals("<init>")))
                .count();
        assertThat(timers).isEqualTo(TimerThreads.COUNT);
    }

    /** Leaves out the test kit, which has its doubles in the packages of the ports. */
    static final class OfTheProgram implements ImportOption {
        private static final Pattern TEST_KIT = Pattern.compile(".*/(test-kit/target/|holdfast-test-kit-).*");

        @Override
        public boolean includes(Location location) {
            return !location.matches(TEST_KIT);
        }
    }

    /** Leaves out what Micronaut's processor writes: its {@code $Foo$Definition} classes are public. */
    static final class WrittenByHand implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/$");
        }
    }
}
