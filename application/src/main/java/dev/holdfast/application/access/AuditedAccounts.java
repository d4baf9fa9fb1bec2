package dev.holdfast.application.access;

import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.access.User;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Records each change of users and tokens that was made. Passwords and tokens themselves are no part of it.
 *
 * @param who makes them
 */
record AuditedAccounts(AdministerAccounts accounts, Audit audit, InstantSource clock, String who)
        implements AdministerAccounts {
    @Override
    public Change<User> addUser(String name, Role role, String password) {
        Change<User> change = accounts.addUser(name, role, password);
        if (change instanceof Change.Made<User>(User user)) {
            added(user);
        }
        return change;
    }

    private void added(User user) {
        record("user.add", user.name(), "role " + user.role().id());
    }

    @Override
    public List<User> users() {
        return accounts.users();
    }

    @Override
    public Change<AccountName> removeUser(String name) {
        return recorded("user.remove", accounts.removeUser(name));
    }

    @Override
    public Change<AccountName> setPassword(String name, String password) {
        return recorded("user.password", accounts.setPassword(name, password));
    }

    @Override
    public Change<Optional<User>> addFirstAdmin(String name, String password) {
        Change<Optional<User>> change = accounts.addFirstAdmin(name, password);
        if (change instanceof Change.Made<Optional<User>>(Optional<User> made)) {
            made.ifPresent(this::added);
        }
        return change;
    }

    @Override
    public Change<NewToken> createToken(String name, Role role, Optional<Duration> validity) {
        Change<NewToken> change = accounts.createToken(name, role, validity);
        if (change instanceof Change.Made<NewToken>(NewToken made)) {
            ServiceToken token = made.token();
            String end = token.expiresAt().map(it -> ", until " + it).orElse("");
            record("token.create", token.name(), "role " + token.role().id() + end);
        }
        return change;
    }

    @Override
    public List<ServiceToken> tokens() {
        return accounts.tokens();
    }

    @Override
    public Change<AccountName> revokeToken(String name) {
        return recorded("token.revoke", accounts.revokeToken(name));
    }

    private Change<AccountName> recorded(String action, Change<AccountName> change) {
        if (change instanceof Change.Made<AccountName>(AccountName name)) {
            record(action, name, "");
        }
        return change;
    }

    private void record(String action, AccountName name, String detail) {
        audit.add(new AuditEntry(
                clock.instant(),
                who,
                action,
                Optional.empty(),
                Optional.of(name.value()),
                AuditEntry.SUCCEEDED,
                detail));
    }
}
