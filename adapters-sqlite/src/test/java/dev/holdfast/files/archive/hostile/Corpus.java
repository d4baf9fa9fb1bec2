package dev.holdfast.files.archive.hostile;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** All cases, one kind after the other, so that those of one kind are in memory at a time. */
final class Corpus {
    /** What is not yet as it should be; an entry goes when its case passes. */
    private Corpus() {}

    static Stream<HostileCase> all() {
        return Stream.<Supplier<List<HostileCase>>>of(
                        ZipCases::all, TarCases::all, DocumentCases::all, BombCases::all, DatabaseCases::all)
                .flatMap(it -> it.get().stream());
    }
}
