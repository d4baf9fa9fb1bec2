package dev.holdfast.files.archive;

import dev.holdfast.application.archive.Unpacking;
import java.io.IOException;

/** An archive that is not taken. Passes as an I/O failure through whatever reads it. */
final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Unpacking why;

    private RefusedException(String finding, Unpacking why) {
        super(finding);
        this.why = why;
    }

    static RefusedException damaged(String finding) {
        return new RefusedException(finding, new Unpacking.Damaged(finding));
    }

    static RefusedException unfit(String finding) {
        return new RefusedException(finding, new Unpacking.Unfit(finding));
    }

    static RefusedException tooLarge(String finding) {
        return new RefusedException(finding, new Unpacking.TooLarge(finding));
    }

    Unpacking why() {
        return why;
    }
}
