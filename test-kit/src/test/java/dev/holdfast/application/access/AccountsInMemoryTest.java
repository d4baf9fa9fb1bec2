package dev.holdfast.application.access;

import org.junit.jupiter.api.Tag;

/** The stand-in keeps what the real accounts promise, so that tests built on it can be believed. */
@Tag("unit")
class AccountsInMemoryTest extends AccountsContract {
    @Override
    protected Accounts emptyAccounts() {
        return new AccountsInMemory();
    }
}
