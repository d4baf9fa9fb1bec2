package dev.holdfast.files.archive.hostile;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** All cases, one kind after the other, so that those of one kind are in memory at a time. */
final class Corpus {
    /** What is not yet as it should be; an entry goes when its case passes. */
    private static final Set<String> OPEN = Set.of(
            "another name in the field for Unicode names",
            "an extra field that is longer than its place",
            "tar: the greatest size",
            "tar: a size of 1 TiB",
            "metadata: more behind it",
            "metadata: a database named twice",
            "metadata: in a broken UTF-32",
            "metadata: beyond the file");

    private Corpus() {}

    static Stream<HostileCase> passing() {
        return all().filter(it -> !OPEN.contains(it.title()));
    }

    static Stream<HostileCase> all() {
        return Stream.<Supplier<List<HostileCase>>>of(
                        ZipCases::all, TarCases::all, DocumentCases::all, BombCases::all, DatabaseCases::all)
                .flatMap(it -> it.get().stream());
    }
}
