package dev.holdfast.endtoend.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.endtoend.api.RestAndGrpcCases.Case;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import dev.holdfast.grpc.v1.StoreServiceGrpc;
import io.grpc.MethodDescriptor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One server, two APIs, one table: each case has the same result over both, or is refused with the same code and words. */
@Tag("process")
@Tag("root")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class RestAndGrpcTest {
    /**
     * Of these there is no telling that depends on an API: a fault in the program; what only HTTP has; what takes a server
     * that is not root, which has a table of its own.
     */
    private static final Set<String> NOT_IN_THE_TABLE =
            Set.of("internal", "unsupported-media-type", "too-many-attempts");

    /** Of what an API itself finds wrong it speaks in its own words: of headers, ranges, bodies, fields. */
    private static final Set<String> IN_OWN_WORDS = Set.of(
            "unauthenticated",
            "permission-denied",
            "range-not-satisfiable",
            "precondition-failed",
            "idempotency-conflict");

    private BothApis apis;
    private RestAndGrpcCases table;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        apis = new BothApis(directory);
        table = new RestAndGrpcCases(apis);
    }

    @AfterAll
    void stop() throws Exception {
        apis.stop();
    }

    Stream<Case> cases() {
        return table.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void it_is_the_same_over_rest_and_over_grpc(Case given) throws Exception {
        Map<String, Object> overRest = given.asking().of(apis.rest);
        Map<String, Object> overGrpc = given.asking().of(apis.grpc);
        assertThat(overRest.getOrDefault("code", "")).as(overRest.toString()).isEqualTo(given.code());
        if (IN_OWN_WORDS.contains(given.code())) {
            assertThat(overGrpc).containsEntry("code", given.code());
        } else if (given.exact()) {
            assertThat(overGrpc).isEqualTo(overRest);
        } else {
            assertThat(withoutNames(overGrpc)).isEqualTo(withoutNames(overRest));
        }
    }

    /** Names, digests, times and ids by what they are. */
    private static String withoutNames(Map<String, Object> answer) {
        return answer.toString()
                .replaceAll("app_\\d{8}_\\d{6}(_\\d+)?\\.db", "NAME")
                .replaceAll("[0-9a-f]{64}", "SHA256")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME")
                .replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "ID")
                .replaceAll("field=(backup|plan)\\.", "field=");
    }

    @Test
    void every_code_and_every_call_is_in_the_table() throws Exception {
        Set<String> codes = cases().map(Case::code).collect(Collectors.toCollection(TreeSet::new));
        assertThat(Stream.of(ProblemCode.values()).map(ProblemCode::id).filter(it -> !NOT_IN_THE_TABLE.contains(it)))
                .isSubsetOf(codes);
        Set<String> calls = Stream.of(
                        BackupServiceGrpc.getServiceDescriptor(),
                        OperationServiceGrpc.getServiceDescriptor(),
                        DatabaseServiceGrpc.getServiceDescriptor(),
                        StoreServiceGrpc.getServiceDescriptor())
                .flatMap(it -> it.getMethods().stream())
                .map(MethodDescriptor::getFullMethodName)
                .collect(Collectors.toCollection(TreeSet::new));
        for (Case succeeding : table.succeeding().toList()) {
            succeeding.asking().of(apis.grpc);
        }
        assertThat(apis.grpc.called()).isEqualTo(calls);
    }
}
