package dev.holdfast.application.location;

import dev.holdfast.domain.identity.DatabaseName;
import java.nio.file.Path;

/** Where paths lead now. Looks, and opens no file. */
public interface Places {
    /** @return the path with all links resolved, whether anything is there or not */
    Path resolve(DatabaseName database, Path registered);

    /**
     * @throws dev.holdfast.domain.problem.ProblemException with {@code SourceNotAccessible} if the path leads to what is not
     *     a part of the database, which cannot be confirmed
     */
    void requireOwn(DatabaseName database, Path registered, Path resolved);
}
