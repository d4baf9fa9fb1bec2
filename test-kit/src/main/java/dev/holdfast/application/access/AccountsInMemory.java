package dev.holdfast.application.access;

import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.access.User;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Accounts for tests. */
public final class AccountsInMemory implements Accounts {
    private final Map<AccountName, User> users = new ConcurrentHashMap<>();
    private final Map<AccountName, String> passwordHashes = new ConcurrentHashMap<>();
    private final Map<String, ServiceToken> tokens = new ConcurrentHashMap<>();

    @Override
    public synchronized boolean addUser(User user, String passwordHash) {
        boolean added = users.putIfAbsent(user.name(), user) == null;
        if (added) {
            passwordHashes.put(user.name(), passwordHash);
        }
        return added;
    }

    @Override
    public synchronized Optional<Account> findAccount(AccountName name) {
        return Optional.ofNullable(users.get(name)).map(it -> new Account(it, passwordHashes.getOrDefault(name, "")));
    }

    @Override
    public boolean setPasswordHash(AccountName name, String passwordHash) {
        return passwordHashes.replace(name, passwordHash) != null;
    }

    @Override
    public synchronized boolean removeUser(AccountName name) {
        passwordHashes.remove(name);
        return users.remove(name) != null;
    }

    @Override
    public List<User> users() {
        return users.values().stream()
                .sorted(Comparator.comparing(it -> it.name().value()))
                .toList();
    }

    @Override
    public synchronized boolean addToken(ServiceToken token, String sha256) {
        return tokens().stream().noneMatch(it -> it.name().equals(token.name()))
                && tokens.putIfAbsent(sha256, token) == null;
    }

    @Override
    public Optional<ServiceToken> findToken(String sha256) {
        return Optional.ofNullable(tokens.get(sha256));
    }

    @Override
    public boolean removeToken(AccountName name) {
        return tokens.values().removeIf(it -> it.name().equals(name));
    }

    @Override
    public List<ServiceToken> tokens() {
        return tokens.values().stream()
                .sorted(Comparator.comparing(it -> it.name().value()))
                .toList();
    }
}
