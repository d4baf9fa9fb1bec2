package dev.holdfast.domain.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupKeyTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "../x",
                "a/b",
                "/etc/passwd",
                "a\\b",
                ".hidden",
                "a\0b",
                "a\nb",
                "a\u007fb",
                "a\u0085b",
                "\ud800"
            })
    void what_could_leave_its_folder_or_hide_is_no_key(String text) {
        assertThat(BackupKey.isValid(text)).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> new BackupKey(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"app_20260413_142530.db", "a..b", "My Backup.zip", "été.db", "@auto.zip", "%2e%2e", "💾.db"})
    void any_plain_file_name_is_a_key(String text) {
        assertThat(new BackupKey(text).value()).isEqualTo(text);
    }

    @Test
    void a_key_has_at_most_255_bytes_of_utf_8() {
        assertThat(BackupKey.isValid("a".repeat(255))).isTrue();
        assertThat(BackupKey.isValid("a".repeat(256))).isFalse();
        assertThat(BackupKey.isValid("é".repeat(128))).isFalse();
    }
}
