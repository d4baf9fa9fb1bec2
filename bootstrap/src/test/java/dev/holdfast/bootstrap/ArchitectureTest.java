package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.holdfast.bootstrap.timer.RepeatedTask;
import dev.holdfast.bootstrap.timer.TimerThreads;
import io.micronaut.scheduling.TaskScheduler;
import java.util.regex.Pattern;

/** What the modules cannot hold by themselves. A rule that matches no class fails. */
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
    static final ArchRule the_domain_knows_only_the_jdk = ArchitectureRules.THE_DOMAIN_KNOWS_ONLY_THE_JDK;

    @ArchTest
    static final ArchRule the_application_knows_only_the_domain_and_the_jdk =
            ArchitectureRules.THE_APPLICATION_KNOWS_ONLY_THE_DOMAIN;

    @ArchTest
    static final ArchRule adapters_ignore_each_other = ArchitectureRules.ADAPTERS_IGNORE_EACH_OTHER;

    @ArchTest
    static final ArchRule driving_adapters_contain_no_driven_one =
            ArchitectureRules.DRIVING_ADAPTERS_CONTAIN_NO_DRIVEN_ONE;

    @ArchTest
    static final ArchRule nothing_depends_on_bootstrap = ArchitectureRules.NOTHING_DEPENDS_ON_BOOTSTRAP;

    @ArchTest
    static final ArchRule packages_form_no_cycle = ArchitectureRules.PACKAGES_FORM_NO_CYCLE;

    @ArchTest
    static final ArchRule a_package_has_one_job = ArchitectureRules.A_PACKAGE_HAS_ONE_JOB;

    @ArchTest
    static final ArchRule a_simple_name_is_unique = ArchitectureRules.A_SIMPLE_NAME_IS_UNIQUE;

    @ArchTest
    static final ArchRule a_name_says_what_a_class_is_for = ArchitectureRules.A_NAME_SAYS_WHAT_A_CLASS_IS_FOR;

    @ArchTest
    static final ArchRule a_public_type_of_an_adapter_is_used_by_another_package =
            ArchitectureRules.A_PUBLIC_TYPE_OF_AN_ADAPTER_IS_USED_BY_ANOTHER_PACKAGE;

    @ArchTest
    static final ArchRule timers_run_on_the_scheduler_of_the_framework =
            ArchitectureRules.TIMERS_RUN_ON_THE_SCHEDULER_OF_THE_FRAMEWORK;

    @ArchTest
    static void the_packages_are_those_of_the_list(JavaClasses program) {
        assertThat(program.stream()
                        .filter(it -> !it.getSimpleName().equals("package-info"))
                        .map(JavaClass::getPackageName)
                        .filter(it -> it.startsWith(ArchitecturePackages.ROOT))
                        .map(it -> it.substring(ArchitecturePackages.ROOT.length())))
                .as("packages with a class")
                .hasSameElementsAs(ArchitecturePackages.ALL);
    }

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

    /** Leaves out what is generated: the {@code $Foo$Definition} classes of Micronaut's processor are public, and so are the gRPC messages. */
    static final class WrittenByHand implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/$") && !location.contains("/dev/holdfast/grpc/v1/");
        }
    }
}
