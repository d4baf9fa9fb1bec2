package dev.holdfast.files.archive;

import dev.holdfast.application.archive.UnpackResult;
import java.io.IOException;

/** An archive that is not taken. Passes as an I/O failure through whatever reads it. */
final class ArchiveRejectedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient UnpackResult why;

    private ArchiveRejectedException(String finding, UnpackResult why) {
        super(finding);
        this.why = why;
    }

    static ArchiveRejectedException damaged(String finding) {
        return new ArchiveRejectedException(finding, new UnpackResult.Damaged(finding));
    }

    static ArchiveRejectedException unfit(String finding) {
        return new ArchiveRejectedException(finding, new UnpackResult.Invalid(finding));
    }

    static ArchiveRejectedException tooLarge(String finding) {
        return new ArchiveRejectedException(finding, new UnpackResult.TooLarge(finding));
    }

    UnpackResult why() {
        return why;
    }
}
