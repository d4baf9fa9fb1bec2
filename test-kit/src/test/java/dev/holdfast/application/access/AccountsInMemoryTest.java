package dev.holdfast.application.access;

/** The stand-in keeps what the real accounts promise, so that tests built on it can be believed. */
class AccountsInMemoryTest extends AccountsContract {
    @Override
    protected Accounts emptyAccounts() {
        return new AccountsInMemory();
    }
}
