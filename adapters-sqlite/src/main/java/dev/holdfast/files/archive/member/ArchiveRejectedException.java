package dev.holdfast.files.archive.member;

import dev.holdfast.application.archive.UnpackResult;
import java.io.IOException;

/** An archive that is not taken. Passes as an I/O failure through whatever reads it. */
public final class ArchiveRejectedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient UnpackResult why;

    private ArchiveRejectedException(String finding, UnpackResult why) {
        super(finding);
        this.why = why;
    }

    public static ArchiveRejectedException damaged(String finding) {
        return new ArchiveRejectedException(finding, new UnpackResult.Damaged(finding));
    }

    public static ArchiveRejectedException unfit(String finding) {
        return new ArchiveRejectedException(finding, new UnpackResult.Invalid(finding));
    }

    public static ArchiveRejectedException tooLarge(String finding) {
        return new ArchiveRejectedException(finding, new UnpackResult.TooLarge(finding));
    }

    public UnpackResult why() {
        return why;
    }
}
