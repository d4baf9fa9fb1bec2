package dev.holdfast.files;

import dev.holdfast.application.filesystem.FileSystemCalls;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicReference;

/** A look at the source's own files, which may be on another file system than the store. */
@FunctionalInterface
interface SourceLook {
    /** As long as it takes. */
    SourceLook DIRECT = FileWork::run;

    SourceFiles look(FileWork<SourceFiles> work) throws IOException;

    /**
     * While the source does not answer, the store goes by what was seen last: its backups can be listed, checked and fetched.
     * Fails as the calls do where nothing was seen yet.
     */
    static SourceLook within(FileSystemCalls calls) {
        var last = new AtomicReference<SourceFiles>();
        return work -> {
            try {
                SourceFiles seen = calls.readAtOnce(() -> {
                    try {
                        return work.run();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                last.set(seen);
                return seen;
            } catch (UncheckedIOException e) {
                throw e.getCause();
            } catch (ProblemException e) {
                SourceFiles before = last.get();
                if (before == null) {
                    throw e;
                }
                return before;
            }
        };
    }
}
