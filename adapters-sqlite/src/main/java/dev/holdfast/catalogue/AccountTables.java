package dev.holdfast.catalogue;

import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.access.User;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The tables {@code users} and {@code tokens}. */
record AccountTables(Session writing, Session reading) implements Accounts {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    @Override
    public boolean addUser(User user, String passwordHash) {
        String sql = """
                INSERT INTO users (name, role, password_hash, created_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (name) DO NOTHING
                """;
        String name = user.name().value();
        String createdAt = Timestamps.write(user.createdAt());
        return change(sql, name, user.role().name(), passwordHash, createdAt);
    }

    @Override
    public Optional<Account> findAccount(AccountName name) {
        return reading.run(
                it -> Sql.one(it, AccountTables::account, "SELECT * FROM users WHERE name = ?", name.value()));
    }

    @Override
    public boolean setPasswordHash(AccountName name, String passwordHash) {
        return change("UPDATE users SET password_hash = ? WHERE name = ?", passwordHash, name.value());
    }

    @Override
    public boolean removeUser(AccountName name) {
        return change("DELETE FROM users WHERE name = ?", name.value());
    }

    @Override
    public List<User> users() {
        return reading.run(it -> Sql.all(it, AccountTables::user, "SELECT * FROM users ORDER BY name"));
    }

    @Override
    public boolean addToken(ServiceToken token, String sha256) {
        if (!SHA256.matcher(sha256).matches()) {
            // The value stays out of the message: it may be the token itself.
            throw new IllegalArgumentException("sha256: expected 64 lower-case hex digits");
        }
        String sql = """
                INSERT INTO tokens (name, role, sha256, created_at, expires_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (name) DO NOTHING
                """;
        return writing.run(it -> Sql.update(
                        it,
                        sql,
                        token.name().value(),
                        token.role().name(),
                        sha256,
                        Timestamps.write(token.createdAt()),
                        Timestamps.write(token.expiresAt()))
                > 0);
    }

    @Override
    public Optional<ServiceToken> findToken(String sha256) {
        return reading.run(it -> Sql.one(it, AccountTables::token, "SELECT * FROM tokens WHERE sha256 = ?", sha256));
    }

    @Override
    public boolean removeToken(AccountName name) {
        return change("DELETE FROM tokens WHERE name = ?", name.value());
    }

    @Override
    public List<ServiceToken> tokens() {
        return reading.run(it -> Sql.all(it, AccountTables::token, "SELECT * FROM tokens ORDER BY name"));
    }

    /** @return whether there was a row to change */
    private boolean change(String sql, Object... values) {
        return writing.run(it -> Sql.update(it, sql, values) > 0);
    }

    private static Account account(ResultSet row) throws SQLException {
        return new Account(user(row), row.getString("password_hash"));
    }

    private static User user(ResultSet row) throws SQLException {
        try {
            return new User(
                    name(row), Role.valueOf(row.getString("role")), Timestamps.read(row.getString("created_at")));
        } catch (IllegalArgumentException e) {
            throw new UnreadableRowException("user " + row.getString("name"), e);
        }
    }

    private static ServiceToken token(ResultSet row) throws SQLException {
        try {
            return new ServiceToken(
                    name(row),
                    Role.valueOf(row.getString("role")),
                    Timestamps.read(row.getString("created_at")),
                    Optional.ofNullable(row.getString("expires_at")).map(Timestamps::read));
        } catch (IllegalArgumentException e) {
            throw new UnreadableRowException("token " + row.getString("name"), e);
        }
    }

    private static AccountName name(ResultSet row) throws SQLException {
        return new AccountName(row.getString("name"));
    }
}
