package dev.holdfast.bootstrap;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import io.micronaut.context.annotation.ContextConfigurer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Function;

/** The rules on modules, packages and names. {@code ArchitectureRulesTest} plants a violation of each. */
final class ArchitectureRules {
    static final int MAX_TYPES = 20;

    private static final String[] DRIVEN =
            packages("sqlite", "catalogue", "store", "files", "disk", "tree", "security", "notify");
    private static final String[] DRIVING = packages("http", "rest", "dialects", "grpc");
    private static final String[] ADAPTERS = packages(
            "sqlite",
            "catalogue",
            "store",
            "files",
            "disk",
            "tree",
            "security",
            "notify",
            "http",
            "rest",
            "dialects",
            "grpc");

    /**
     * Public for tests in other packages; and the last three for other packages of the program, which name them only where
     * byte code does not show it.
     */
    private static final Set<String> PUBLIC_FOR_OTHER_REASONS = Set.of(
            "BackupList",
            "ManualBackups",
            "GrpcServices",
            "GrpcStatuses",
            "MethodRoles",
            "NewFileRestore",
            "ArchiveLayouts",
            "Dispatcharr",
            "JournalFormat");

    static final ArchRule THE_DOMAIN_KNOWS_ONLY_THE_JDK = classes()
            .that()
            .resideInAPackage("dev.holdfast.domain..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.jspecify.annotations", "dev.holdfast.domain..")
            .because("a rule must be tried in a plain unit test");

    static final ArchRule THE_APPLICATION_KNOWS_ONLY_THE_DOMAIN = classes()
            .that()
            .resideInAPackage("dev.holdfast.application..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..", "org.jspecify.annotations", "dev.holdfast.domain..", "dev.holdfast.application..")
            .because("a use case must run in a plain unit test");

    /** {@code tree} and {@code disk} are the file system's calls, below the adapters that use them. */
    static final ArchRule ADAPTERS_IGNORE_EACH_OTHER = slices().matching(
                    "dev.holdfast.(sqlite|catalogue|store|files|security|notify|http|rest|dialects|grpc)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(resideInAnyPackage(packages("rest", "dialects")), resideInAnyPackage(packages("http")))
            .because("a store, a dialect or an API must be replaceable without a change in another adapter");

    static final ArchRule DRIVING_ADAPTERS_CONTAIN_NO_DRIVEN_ONE = noClasses()
            .that()
            .resideInAnyPackage(DRIVING)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(DRIVEN)
            .because("a request reaches files and tokens through a port only");

    static final ArchRule NOTHING_DEPENDS_ON_BOOTSTRAP = classes()
            .that()
            .resideInAPackage("dev.holdfast.bootstrap..")
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAPackage("dev.holdfast.bootstrap..")
            .because("it alone knows all adapters");

    static final ArchRule PACKAGES_FORM_NO_CYCLE = slices().matching("dev.holdfast.(**)")
            .should()
            .beFreeOfCycles()
            .because("a package can be understood after those that it uses");

    static final ArchRule A_PACKAGE_HAS_ONE_JOB = classes()
            .that(areTopLevel())
            .and()
            .resideOutsideOfPackage(ArchitecturePackages.LARGE)
            .should(haveFewTypesInEachPackage())
            .because("a package with more than " + MAX_TYPES + " types has more than one job");

    static final ArchRule A_SIMPLE_NAME_IS_UNIQUE = classes()
            .that(areTopLevel())
            .should(haveNamesOfTheirOwn())
            .because("a search for a name must find one type");

    static final ArchRule A_NAME_SAYS_WHAT_A_CLASS_IS_FOR = noClasses()
            .should()
            .haveNameMatching(".*(Impl|Utils?|Helper|Manager|Port)(\\$.*)?")
            .orShould()
            .resideInAnyPackage("..util..", "..common..", "..impl..", "..manager..")
            .because("such a word says nothing of the job");

    static final ArchRule A_PUBLIC_TYPE_OF_AN_ADAPTER_IS_USED_BY_ANOTHER_PACKAGE = classes()
            .that(areTopLevel())
            .and()
            .resideInAnyPackage(ADAPTERS)
            .and()
            .arePublic()
            .and()
            .areNotAnnotatedWith(ContextConfigurer.class) // the framework loads these as services
            .should(beUsedByAnotherPackage())
            .because("in an adapter only what others need is public");

    static final ArchRule TIMERS_RUN_ON_THE_SCHEDULER_OF_THE_FRAMEWORK = noClasses()
            .should()
            .callMethodWhere(target(nameMatching(".*[sS]chedule(d|At|With).*"))
                    .and(target(owner(assignableTo(ScheduledExecutorService.class)
                            .or(assignableTo(Executors.class))
                            .or(assignableTo(java.util.Timer.class))))))
            .orShould()
            .callConstructorWhere(target(
                    owner(assignableTo(ScheduledThreadPoolExecutor.class).or(assignableTo(java.util.Timer.class)))))
            .because("its pool has one owner, and no timer ends with an exception");

    private ArchitectureRules() {}

    private static String[] packages(String... names) {
        String[] packages = new String[names.length];
        for (int i = 0; i < names.length; i++) {
            packages[i] = ArchitecturePackages.ROOT + names[i] + "..";
        }
        return packages;
    }

    private static DescribedPredicate<JavaClass> areTopLevel() {
        return DescribedPredicate.describe(
                "are top-level types",
                it -> it.isTopLevelClass() && !it.getSimpleName().equals("package-info"));
    }

    private static ArchCondition<JavaClass> haveFewTypesInEachPackage() {
        return new Counting("be at most " + MAX_TYPES + " in a package", JavaClass::getPackageName, MAX_TYPES);
    }

    private static ArchCondition<JavaClass> haveNamesOfTheirOwn() {
        return new Counting("have a name of their own", JavaClass::getSimpleName, 1);
    }

    /** Counts the types that have something in common. */
    private static final class Counting extends ArchCondition<JavaClass> {
        private final Function<JavaClass, String> common;
        private final int max;
        private final Map<String, Long> counts = new HashMap<>();

        Counting(String description, Function<JavaClass, String> common, int max) {
            super(description);
            this.common = common;
            this.max = max;
        }

        @Override
        public void init(Collection<JavaClass> all) {
            counts.clear();
            counts.putAll(all.stream().collect(groupingBy(common, counting())));
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            long count = counts.getOrDefault(common.apply(type), 0L);
            if (count > max) {
                events.add(violated(
                        type,
                        type.getName() + " is one of " + count + " types with " + common.apply(type)
                                + " (expected: at most " + max + ")"));
            }
        }
    }

    private static ArchCondition<JavaClass> beUsedByAnotherPackage() {
        return new ArchCondition<>("be used by another package") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean used = type.getDirectDependenciesToSelf().stream()
                        .anyMatch(it -> !it.getOriginClass().getPackageName().equals(type.getPackageName()));
                if (!used && !PUBLIC_FOR_OTHER_REASONS.contains(type.getSimpleName())) {
                    events.add(violated(type, type.getName() + " is public, and no other package uses it"));
                }
            }
        };
    }
}
