package dev.holdfast.files.archive.tar;

import dev.holdfast.files.archive.member.Attributes;
import dev.holdfast.files.archive.member.MemberOutput;
import dev.holdfast.files.archive.member.Owner;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A tar in the POSIX form, which has room for any size, time and name. */
public final class TarOutput implements MemberOutput {
    private final TarArchiveOutputStream tar;

    public TarOutput(OutputStream out) {
        tar = new TarArchiveOutputStream(out, "UTF-8");
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    @Override
    public boolean keepsToSizes() {
        return true;
    }

    @Override
    public void begin(String name, long size, Attributes attributes) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(size);
        begin(entry, attributes);
    }

    @Override
    public void directory(String name, Attributes attributes) throws IOException {
        begin(new TarArchiveEntry(name + "/", TarConstants.LF_DIR), attributes);
        tar.closeArchiveEntry();
    }

    private void begin(TarArchiveEntry entry, Attributes attributes) throws IOException {
        entry.setMode(attributes.mode());
        Owner owner = attributes.owner();
        if (owner != null) {
            entry.setIds(owner.uid(), owner.gid());
            entry.setNames("", "");
        }
        entry.setLastModifiedTime(attributes.modified());
        tar.putArchiveEntry(entry);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        tar.write(bytes, offset, length);
    }

    @Override
    public void end() throws IOException {
        tar.closeArchiveEntry();
    }

    /** Writes the rest; does not close the stream. */
    public void finish() throws IOException {
        tar.finish();
    }
}
