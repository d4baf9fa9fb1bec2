package dev.holdfast.files.archive.member;

import java.io.IOException;

/** An archive that is being written, one member after the other. */
public interface MemberOutput {
    /**
     * Begins a file.
     *
     * @param size at most which will be written; exactly, if {@link #keepsToSizes}
     */
    void begin(String name, long size, Attributes attributes) throws IOException;

    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Ends a file. */
    void end() throws IOException;

    /** @param name without a slash at its end */
    void directory(String name, Attributes attributes) throws IOException;

    /** Whether a size is written ahead of the bytes. */
    boolean keepsToSizes();
}
