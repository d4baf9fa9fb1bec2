package dev.holdfast.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.AccountsContract;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.access.User;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
class CatalogueAccountsTest extends AccountsContract {
    private static final AccountName ANN = new AccountName("ann");

    @TempDir
    Path folder;

    private Catalogue catalogue;

    @BeforeEach
    void open() {
        catalogue = Catalogue.open(folder.resolve("holdfast.db"));
    }

    @AfterEach
    void close() {
        catalogue.close();
    }

    @Override
    protected Accounts emptyAccounts() {
        return catalogue.accounts();
    }

    @Test
    void another_catalogue_on_the_file_sees_each_change_at_once() {
        try (Catalogue other = Catalogue.open(folder.resolve("holdfast.db"))) {
            other.accounts().addUser(new User(ANN, Role.ADMIN, Instant.EPOCH), "hash");
            assertThat(catalogue.accounts().findAccount(ANN).map(Account::passwordHash))
                    .contains("hash");
            other.accounts().removeUser(ANN);
            assertThat(catalogue.accounts().users()).isEmpty();
        }
    }

    @Test
    void a_token_that_is_not_hashed_is_neither_kept_nor_repeated() {
        ServiceToken token = new ServiceToken(ANN, Role.ADMIN, Instant.EPOCH, Optional.empty());
        assertThatThrownBy(() -> catalogue.accounts().addToken(token, "hf_secret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("hf_secret");
        assertThat(catalogue.accounts().tokens()).isEmpty();
    }
}
