package dev.holdfast.application.filesystem;

import static dev.holdfast.application.filesystem.FrozenFileSystem.SHORT;
import static dev.holdfast.application.filesystem.FrozenFileSystem.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class RepeatedProbesTest {
    private static final int PLACES = 70;

    private final AtomicInteger mounts = new AtomicInteger();
    private final RepeatedProbes repeated = new RepeatedProbes(Duration.ZERO, Duration.ZERO, mounts::get);
    private final List<FrozenFileSystem> places = Stream.generate(() -> new FrozenFileSystem(
                    SHORT, probe -> Thread.ofPlatform().daemon().start(probe), repeated))
            .limit(PLACES)
            .toList();

    private void probeOften() {
        for (int i = 0; i < 5; i++) {
            places.forEach(it -> it.calls.probe());
        }
    }

    private int threads() {
        return places.stream().mapToInt(it -> it.calls.threads()).sum();
    }

    @Test
    void places_that_hang_together_have_one_probe_each_and_few_more_in_all_until_the_mounts_change() {
        places.forEach(FrozenFileSystem::freeze);
        probeOften();
        assertThat(threads()).isEqualTo(PLACES + RepeatedProbes.MOST);

        mounts.incrementAndGet();
        probeOften();
        assertThat(threads()).isEqualTo(PLACES + 2 * RepeatedProbes.MOST);
        until(() -> places.stream().allMatch(it -> it.calls.hungSince().isPresent()));

        places.forEach(FrozenFileSystem::thaw);
        until(() -> threads() == 0);
        assertThat(places).allMatch(it -> it.calls.hungSince().isEmpty());
    }
}
