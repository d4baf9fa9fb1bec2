package dev.holdfast.files.archive.hostile;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.domain.backup.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Takes a list of archives apart, and says in a line for each what came of it. */
final class HostileProcess {
    private HostileProcess() {}

    static String line(Path archive, HostileCase it) {
        return String.join(
                " ",
                List.of(
                        archive.toString(),
                        it.layout().name(),
                        it.extent().name(),
                        Long.toString(it.limits().mostBytes()),
                        Integer.toString(it.limits().mostMembers()),
                        Integer.toString(it.limits().mostRatio())));
    }

    public static void main(String[] arguments) throws IOException {
        ArchiveProbe probe = Subject.in(Path.of(arguments[1]));
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] words = line.split(" ", -1);
            UnpackLimits limits =
                    new UnpackLimits(Long.parseLong(words[3]), Integer.parseInt(words[4]), Integer.parseInt(words[5]));
            System.out.println(came(probe, words, limits));
        }
    }

    private static String came(ArchiveProbe probe, String[] words, UnpackLimits limits) throws IOException {
        try {
            return probe.run(Path.of(words[0]), Layout.valueOf(words[1]), Extent.valueOf(words[2]), limits)
                    .came()
                    .name();
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError | AssertionError e) {
            e.printStackTrace();
            return e.toString().lines().findFirst().orElse("");
        }
    }
}
