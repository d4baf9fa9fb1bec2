package dev.holdfast.endtoend.soak.stores;

import static dev.holdfast.endtoend.soak.stores.Disturbance.KILLED;
import static dev.holdfast.endtoend.soak.stores.Disturbance.NOTHING;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The short form of {@code ./soak stores}. Mounts really. */
@Tag("process")
@Tag("root")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RemountedStoresTest {
    private static final long SEED = 7;

    @Test
    void each_disk_agrees_with_its_account_after_each_disturbance() throws Exception {
        var out = new ByteArrayOutputStream();
        StoreSoak.Result result = StoreSoak.sample(SEED, List.of(NOTHING, KILLED), new PrintStream(out, true, UTF_8));
        assertThat(result.alarms()).as(out.toString(UTF_8)).isZero();
        assertThat(result.rounds()).isEqualTo(2);
    }
}
