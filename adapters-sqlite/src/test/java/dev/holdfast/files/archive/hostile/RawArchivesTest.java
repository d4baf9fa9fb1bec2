package dev.holdfast.files.archive.hostile;

import static dev.holdfast.files.archive.hostile.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the cases begin from is right, or they would be refused for another reason than they are meant to be. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RawArchivesTest {
    @TempDir
    private Path directory;

    @Test
    void a_zip_without_a_lie_is_read_by_others() throws IOException {
        assertThat(members(Valid.pocketBase())).containsExactlyEntriesOf(pocketBase());
    }

    @Test
    void a_large_zip_without_a_lie_is_read_by_others() throws IOException {
        RawZip zip = Valid.pocketBase();
        zip.zip64End = true;
        zip.endCount = OptionalLong.of(0xffff);
        zip.endSize = OptionalLong.of(0xffff_ffffL);
        zip.endOffset = OptionalLong.of(0xffff_ffffL);
        zip.entry("data.db").withDescriptor();

        assertThat(members(zip)).containsExactlyEntriesOf(pocketBase());
    }

    @Test
    void a_tar_without_a_lie_is_read_by_others() throws IOException {
        RawTar tar = Valid.dispatcharrTar()
                .pax('x', "path=data/logos/" + "n".repeat(120))
                .file("short", utf8("one"))
                .gnuLongName(utf8("data/logos/" + "m".repeat(120) + "\0"))
                .file("short", utf8("two"));

        assertThat(members(tar.end().gzip()))
                .containsOnlyKeys(
                        "database.json",
                        "manifest.json",
                        "data/logos/a.png",
                        "data/logos/" + "n".repeat(120),
                        "data/logos/" + "m".repeat(120))
                .containsEntry("database.json", new String(Valid.DUMP, java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    @Test
    void a_stream_of_repeated_blocks_unfolds_to_zeros() throws IOException {
        byte[] gzip = Bytes.toArray(Bytes.joined(
                Bytes.of(RawTar.gzipHead(0)),
                Bytes.deflatedZeros(3),
                Bytes.of(RawTar.gzipTail(Bytes.crc32(new byte[3 << 20]), 3 << 20))));

        assertThat(gzip).hasSizeLessThan(10_000);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes())
                .isEqualTo(new byte[3 << 20]);
    }

    @Test
    void titles_are_distinct() {
        assertThat(titles().distinct().count()).isEqualTo(titles().count()).isGreaterThan(80);
    }

    private static Stream<String> titles() {
        return Corpus.all().map(HostileCase::title);
    }

    private static Map<String, String> pocketBase() {
        String database = new String(Valid.DATABASE, java.nio.charset.StandardCharsets.ISO_8859_1);
        Map<String, String> members = new LinkedHashMap<>();
        members.put("data.db", database);
        members.put("auxiliary.db", database);
        members.put("storage/a/b.txt", Valid.TEXT);
        return members;
    }

    private Map<String, String> members(RawZip bytes) throws IOException {
        Path file = ArchiveProbe.save(bytes, directory.resolve("a.zip"));
        Map<String, String> members = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                members.put(entry.getName(), text(zip.getInputStream(entry).readAllBytes()));
            }
        }
        return members;
    }

    private static Map<String, String> members(byte[] gzip) throws IOException {
        Map<String, String> members = new LinkedHashMap<>();
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new GZIPInputStream(new ByteArrayInputStream(gzip)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                members.put(entry.getName(), text(tar.readAllBytes()));
            }
        }
        return members;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
