package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bootstrap.start.HardLinks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel's setting at the start. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class HardLinksTest {
    @TempDir
    Path folder;

    @Test
    void a_kernel_that_lets_users_link_files_of_others_is_warned_of() throws IOException {
        Path protection = Files.writeString(folder.resolve("protected_hardlinks"), "0\n");
        assertThat(HardLinks.warnings(protection))
                .singleElement()
                .asString()
                .contains("fs.protected_hardlinks = 0", "sysctl -w fs.protected_hardlinks=1");
    }

    @Test
    void one_that_does_not_or_has_no_such_setting_is_not() throws IOException {
        Path protection = folder.resolve("protected_hardlinks");
        assertThat(HardLinks.warnings(protection)).isEmpty();
        assertThat(HardLinks.warnings(Files.writeString(protection, "1\n"))).isEmpty();
    }
}
