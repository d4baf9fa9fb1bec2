package dev.holdfast.http.access;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.AccountsInMemory;
import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.PasswordHashing;
import dev.holdfast.application.access.PlainHashing;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.connection.ConnectionLimits;
import dev.holdfast.application.connection.OpenConnections;
import dev.holdfast.domain.access.Role;
import dev.holdfast.http.dialect.Dialects;
import dev.holdfast.http.dialect.Failing;
import dev.holdfast.security.IdentityProvider;
import dev.holdfast.security.JwtSecret;
import dev.holdfast.security.TokenSettings;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The server with users ann (admin), otto (operator) and vic (viewer), whose passwords are "password of NAME". */
public final class AccessServerFixture implements AutoCloseable {
    /** Long enough for HS512, so that its length is not the reason why that is refused. */
    public static final String SECRET = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /** The roles of ann, otto and vic. */
    public static final List<Role> EVERYBODY = List.of(Role.ADMIN, Role.OPERATOR, Role.VIEWER);

    public final SettableClock clock;
    public final AccountsInMemory accounts = new AccountsInMemory();

    /** What the server asks for accounts. */
    public final Failing<Accounts> askedAccounts = new Failing<>(Accounts.class, accounts);

    final PasswordHashing hashing = new PlainHashing();
    public final AdministerAccounts administer;
    public final int port;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Runnable end;

    private AccessServerFixture(
            boolean enabled,
            Optional<IdentityProvider> provider,
            List<Role> users,
            SettableClock clock,
            Dialects dialects,
            BiConsumer<ApplicationContext, InstantSource> more) {
        this.clock = clock;
        administer = AdministerAccounts.using(accounts, hashing, clock, new SecureRandom());
        addUsers(users);
        ApplicationContext context = context();
        addAccess(enabled, provider, dialects, Beans.of(context));
        more.accept(context, clock);
        limitUnlessLimited(context);
        context.start();
        port = context.getBean(EmbeddedServer.class).start().getPort();
        end = context::close;
    }

    private AccessServerFixture(
            boolean enabled,
            List<Role> users,
            SettableClock clock,
            Dialects dialects,
            Object shape,
            Consumer<Beans> more) {
        this.clock = clock;
        administer = AdministerAccounts.using(accounts, hashing, clock, new SecureRandom());
        addUsers(users);
        SharedServer shared = SharedServer.take(List.of(enabled, users, dialects, shape));
        addAccess(enabled, Optional.empty(), dialects, shared);
        more.accept(shared);
        port = shared.start();
        end = shared::release;
    }

    private void addUsers(List<Role> users) {
        for (Role role : users) {
            String name = name(role);
            administer.addUser(name, role, "password of " + name);
        }
    }

    private void addAccess(boolean enabled, Optional<IdentityProvider> provider, Dialects dialects, Beans beans) {
        beans.add(AccessControl.class, new AccessControl(enabled, provider.isPresent()));
        beans.add(TokenSettings.class, new TokenSettings(JwtSecret.given(SECRET), Duration.ofHours(1), provider));
        beans.add(Dialects.class, dialects);
        beans.add(Accounts.class, askedAccounts.port());
        beans.add(AdministerAccounts.class, administer);
        beans.add(SignIn.class, SignIn.using(accounts, hashing, clock));
        beans.add(InstantSource.class, clock);
    }

    static void limitUnlessLimited(ApplicationContext context) {
        if (!context.containsBean(OpenConnections.class)) {
            context.registerSingleton(OpenConnections.class, new OpenConnections(ConnectionLimits.of(1_024, 1L << 30)));
        }
    }

    static ApplicationContext context() {
        return ApplicationContext.builder()
                .properties(Map.of("micronaut.server.port", -1, "micronaut.server.host", "127.0.0.1"))
                .build();
    }

    private static String name(Role role) {
        return switch (role) {
            case ADMIN -> "ann";
            case OPERATOR -> "otto";
            case VIEWER -> "vic";
        };
    }

    private static SettableClock usualClock() {
        return new SettableClock(Instant.parse("2026-03-01T10:00:00Z"));
    }

    /** @param more registers what else the context is to have */
    public static AccessServerFixture start(boolean enabled, BiConsumer<ApplicationContext, InstantSource> more) {
        return start(enabled, Dialects.NONE, more);
    }

    public static AccessServerFixture start(
            boolean enabled, Dialects dialects, BiConsumer<ApplicationContext, InstantSource> more) {
        return start(enabled, EVERYBODY, usualClock(), dialects, more);
    }

    /** @param users the roles of those that there are */
    public static AccessServerFixture start(
            boolean enabled,
            List<Role> users,
            SettableClock clock,
            Dialects dialects,
            BiConsumer<ApplicationContext, InstantSource> more) {
        return new AccessServerFixture(enabled, Optional.empty(), users, clock, dialects, more);
    }

    /**
     * A server that tests of the same shape use one after the other, each with ports and users of its own.
     *
     * @param users not empty: whether there is a user is remembered by servers
     * @param shape what the classes that {@code more} adds are made of
     */
    public static AccessServerFixture shared(
            boolean enabled,
            List<Role> users,
            SettableClock clock,
            Dialects dialects,
            Object shape,
            Consumer<Beans> more) {
        return new AccessServerFixture(enabled, users, clock, dialects, shape, more);
    }

    static AccessServerFixture on() {
        return start(true, Dialects.NONE, AccessServerFixture::nothing);
    }

    static AccessServerFixture off() {
        return start(false, Dialects.NONE, AccessServerFixture::nothing);
    }

    static AccessServerFixture with(IdentityProvider provider) {
        return new AccessServerFixture(
                true, Optional.of(provider), EVERYBODY, usualClock(), Dialects.NONE, AccessServerFixture::nothing);
    }

    public Exchange get(String path, String... headers) {
        return Exchange.get(port, path, headers);
    }

    Exchange login(String name, String password) {
        return Exchange.post(
                port, "/api/v1/auth/login", "{\"username\":\"" + name + "\",\"password\":\"" + password + "\"}");
    }

    /** As a header. */
    public String bearer(String name) {
        return "Authorization: Bearer " + login(name, "password of " + name).member("access_token");
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            end.run();
        }
    }

    private static void nothing(ApplicationContext context, InstantSource clock) {}
}
