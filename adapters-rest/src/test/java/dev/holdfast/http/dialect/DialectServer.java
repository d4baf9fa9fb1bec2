package dev.holdfast.http.dialect;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.operation.ScriptedOperations;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.access.AccessServerFixture;
import dev.holdfast.http.upload.UploadLimits;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All dialects, each about a database that is named after it, as far as they need no backups; one answers at the root. */
public final class DialectServer implements AutoCloseable {
    private static final Map<Dialect, DatabaseName> DATABASES =
            Stream.of(Dialect.values()).collect(Collectors.toMap(it -> it, it -> new DatabaseName(it.id())));

    public final AccessServerFixture http;
    public final InMemoryPlanStore kept = new InMemoryPlanStore();
    public final CopiedInBackup backup = new CopiedInBackup();
    final DocumentsInMemory documents;
    private final Map<String, String> planned;

    private DialectServer(boolean auth, Map<String, String> planned, DocumentsInMemory documents) {
        this.planned = planned;
        this.documents = documents;
        http = AccessServerFixture.start(
                auth, new Dialects(Optional.of(Dialect.POCKETBASE), DATABASES, false), this::registerBeans);
    }

    /** @param auth whether access control is on */
    public static DialectServer start(boolean auth) {
        return new DialectServer(auth, Map.of(), new DocumentsInMemory());
    }

    /** @param planned what the settings say of each database's plan */
    public static DialectServer start(boolean auth, Map<String, String> planned) {
        return new DialectServer(auth, planned, new DocumentsInMemory());
    }

    /** Started anew with the same secret and the same users, and what was kept. */
    public DialectServer restarted(boolean auth) {
        close();
        return new DialectServer(auth, planned, documents);
    }

    private void registerBeans(ApplicationContext context, InstantSource clock) {
        var databases = new Databases(Stream.of(Dialect.values())
                .map(it -> new RegisteredDatabase(
                        new Database(
                                new DatabaseName(it.id()),
                                Source.of(Path.of("/nowhere/at/all/" + it.id() + ".db")),
                                it.profile(),
                                it.id()),
                        new InMemoryBackupStore()))
                .toList());
        var configured =
                DATABASES.values().stream().collect(Collectors.toMap(it -> it, _ -> PlanProperties.of(planned)));
        var plans = new Plans(databases, configured, kept, new PlanParser(), clock);
        context.registerSingleton(Databases.class, databases);
        context.registerSingleton(PlanService.class, PlanService.using(plans, kept, new InMemoryOperationLog(), clock));
        context.registerSingleton(OpenBackup.class, backup);
        context.registerSingleton(FindBackup.class, backup);
        context.registerSingleton(UploadBackup.class, (UploadBackup)
                (_, _, _, _, _) -> Outcome.refused(new Problem.StoreUnavailable("Nothing is taken here.")));
        context.registerSingleton(UploadLimits.class, new UploadLimits(1, Duration.ofSeconds(1)));
        context.registerSingleton(Audit.class, kept);
        context.registerSingleton(Operations.class, new ScriptedOperations(clock));
        context.registerSingleton(DialectDocuments.class, documents);
        context.registerSingleton(SecureRandom.class, new SecureRandom());
    }

    @Override
    public void close() {
        http.close();
    }
}
