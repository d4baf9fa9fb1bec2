package dev.holdfast.rest.dispatcharr;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where things lie that a client of the job API may name. Asked only while the dialect is served. */
public interface DispatcharrPlaces {
    /** The directory that the backups lie in. */
    Path backups();

    /** Why these directories cannot belong to the backups too, for a person; empty if they can. */
    Optional<String> refusal(List<Path> extra);
}
