package dev.holdfast.store.directory;

import dev.holdfast.application.filesystem.FileSystemCalls;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.store.directory.LocalStore.SourcePlaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A look at the source's own files, which may be on another file system than the store. */
interface SourceLook {
    /** As long as it takes, and over links as they are. */
    SourceLook DIRECT = work -> work.at(_ -> Optional.empty());

    SourceFiles look(ByPlaces work) throws IOException;

    /** A look that goes by what was accepted. */
    interface ByPlaces {
        SourceFiles at(SourcePlaces accepted) throws IOException;
    }

    /**
     * While the source does not answer, the store goes by what was seen last: its backups can be listed, checked and fetched.
     * Fails as the calls do where nothing was seen yet.
     */
    static SourceLook within(FileSystemCalls calls, SourcePlaces accepted) {
        var last = new AtomicReference<SourceFiles>();
        return work -> {
            try {
                SourceFiles seen = calls.readAtOnce(() -> {
                    try {
                        return work.at(accepted);
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
