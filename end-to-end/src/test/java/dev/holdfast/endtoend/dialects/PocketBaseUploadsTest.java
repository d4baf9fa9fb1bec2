package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client.Answer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads over PocketBase's API: which files are accepted, and under which name. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PocketBaseUploadsTest extends PocketBaseCalls {
    private Answer upload(String filename, byte[] content, String field) throws Exception {
        String head = "--boundary\r\nContent-Disposition: form-data; name=\"" + field + "\""
                + (filename.isEmpty() ? "" : "; filename=\"" + filename + "\"")
                + "\r\nContent-Type: application/zip\r\n\r\n";
        byte[] first = head.getBytes(UTF_8);
        byte[] last = "\r\n--boundary--\r\n".getBytes(UTF_8);
        byte[] body = new byte[first.length + content.length + last.length];
        System.arraycopy(first, 0, body, 0, first.length);
        System.arraycopy(content, 0, body, first.length, content.length);
        System.arraycopy(last, 0, body, first.length + content.length, last.length);
        return send(
                "POST",
                "/api/backups/upload",
                body,
                "Authorization",
                token,
                "Content-Type",
                "multipart/form-data; boundary=boundary");
    }

    @ParameterizedTest
    @CsvSource({
        "test, test",
        "My Backup.zip, My%20Backup.zip",
        "@auto_pb_backup_x.zip, %40auto_pb_backup_x.zip",
        "a+b.zip, a+b.zip",
        "dir/last.zip, last.zip",
        "größe.zip, gr%C3%B6%C3%9Fe.zip",
    })
    void an_uploaded_file_keeps_its_name(String filename, String segment) throws Exception {
        assertThat(upload(filename, kept(), "file").status()).isEqualTo(204);
        String key = filename.substring(filename.lastIndexOf('/') + 1);
        assertThat(keys()).contains(key);
        assertThat(call("GET", BACKUPS + "/" + segment, "").status()).isEqualTo(200);
        Answer deleted = call("DELETE", BACKUPS + "/" + segment, "");
        assertThat(deleted.status()).as(deleted.text()).isEqualTo(204);
        assertThat(keys()).doesNotContain(key);
    }

    @Test
    void what_is_no_backup_is_not_taken() throws Exception {
        Map<String, String> blank = Map.of("file", "validation_required");
        assertRefused(upload("x.zip", kept(), "other"), 400, INVALID, blank);
        assertRefused(upload("", kept(), "file"), 400, INVALID, blank);
        assertRefused(json("POST", "/api/backups/upload", "{}"), 400, INVALID, blank);
        assertRefused(
                call("POST", "/api/backups/upload", "--x", "Content-Type", "multipart/form-data; boundary=b"),
                400,
                INVALID,
                blank);
        Answer text = upload("My notes.txt", "plain text".getBytes(UTF_8), "file");
        assertRefused(text, 400, INVALID, Map.of("file", "validation_invalid_mime_type"));
        assertThat(text.json().at("/data/file/message").asText())
                .matches("\"my_notes_[a-z0-9]{10}\\.txt\" mime type must be one of: application/zip\\.");
        Answer taken = upload("kept.zip", kept(), "file");
        assertRefused(taken, 400, INVALID, Map.of("file", "validation_backup_name_exists"));
        assertThat(taken.json().at("/data/file/message").asText())
                .isEqualTo("Backup file with the specified name already exists.");
        byte[] empty = new byte[22];
        System.arraycopy("PK\5\6".getBytes(ISO_8859_1), 0, empty, 0, 4);
        assertRefused(upload("e.zip", empty, "file"), 400, INVALID, Map.of("file", "validation_invalid_backup"));
        byte[] spoilt = kept();
        spoilt[spoilt.length / 2] ^= 1;
        assertRefused(upload("s.zip", spoilt, "file"), 400, INVALID, Map.of("file", "validation_invalid_backup"));
        assertThat(keys()).doesNotContain("e.zip", "s.zip", "x.zip");
    }

    /** A zip as other programs write it: each member deflated but for the first ones that a format wants stored. */
    private static byte[] zip(Map<String, byte[]> members, int stored) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            int left = stored;
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                var entry = new ZipEntry(member.getKey());
                if (left-- > 0) {
                    var checksum = new CRC32();
                    checksum.update(member.getValue());
                    entry.setMethod(ZipEntry.STORED);
                    entry.setSize(member.getValue().length);
                    entry.setCrc(checksum.getValue());
                }
                zip.putNextEntry(entry);
                zip.write(member.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] zip(int stored, String... namesAndTexts) throws Exception {
        var members = new LinkedHashMap<String, byte[]>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            members.put(namesAndTexts[i], namesAndTexts[i + 1].getBytes(UTF_8));
        }
        return zip(members, stored);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "docx | 0 | [Content_Types].xml,<Types/>,_rels/.rels,<Relationships/>,word/document.xml,<w/>",
                "xlsx | 0 | [Content_Types].xml,<Types/>,_rels/.rels,<Relationships/>,xl/workbook.xml,<w/>",
                "pptx | 0 | [Content_Types].xml,<Types/>,_rels/.rels,<Relationships/>,ppt/presentation.xml,<p/>",
                "vsdx | 0 | [Content_Types].xml,<Types/>,_rels/.rels,<Relationships/>,visio/document.xml,<v/>",
                "docx | 0 | word/document.xml,<w/>,[Content_Types].xml,<Types/>",
                "docx | 3 | _rels/.rels,<Relationships/>,[Content_Types].xml,<Types/>,word/document.xml,<w/>",
                "epub | 1 | mimetype,application/epub+zip,META-INF/container.xml,<container/>",
                "apk  | 0 | META-INF/CERT.SF,x,AndroidManifest.xml,x",
                "apk  | 0 | classes.dex,x",
                "apk  | 0 | lib/x.so,x,resources.arsc,x",
                "jar  | 0 | META-INF/MANIFEST.MF,Manifest-Version: 1.0,a/B.class,x",
                "jar  | 1 | META-INF/,'',META-INF/MANIFEST.MF,Manifest-Version: 1.0",
                "odt  | 1 | mimetype,application/vnd.oasis.opendocument.text,content.xml,<c/>",
                "ods  | 1 | mimetype,application/vnd.oasis.opendocument.spreadsheet,content.xml,<c/>",
                "odp  | 1 | mimetype,application/vnd.oasis.opendocument.presentation,content.xml,<c/>",
                "odg  | 1 | mimetype,application/vnd.oasis.opendocument.graphics-template,content.xml,<c/>",
                "sxc  | 1 | mimetype,application/vnd.sun.xml.calc,content.xml,<c/>",
                "kmz  | 0 | doc.kml,<kml/>",
                "kmz  | 0 | files/icon.png,x,doc.kml,<kml/>",
            })
    void a_zip_that_is_another_kind_of_file_is_none(String extension, int stored, String members) throws Exception {
        byte[] content = zip(stored, members.replace("'", "").split(",", -1));
        for (String name : List.of("Some File." + extension, "backup.zip")) {
            Answer answer = upload(name, content, "file");
            assertRefused(answer, 400, INVALID, Map.of("file", "validation_invalid_mime_type"));
            assertThat(answer.json().at("/data/file/message").asText())
                    .matches("\"(some_file|backup)_[a-z0-9]{10}\\.(" + extension
                            + "|zip)\" mime type must be one of: application/zip\\.");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "notes.txt,x",
                "data.db,x,../data.db,x",
                "storage/word/document.xml,x",
                "storage/META-INF/MANIFEST.MF,x,META-INF/MANIFEST.MF,x",
                "data.db,no database",
                "storage/doc.kml,x",
            })
    void a_zip_that_is_no_backup_is_told_as_that(String members) throws Exception {
        Answer answer = upload("plain.zip", zip(0, members.split(",", -1)), "file");
        assertRefused(answer, 400, INVALID, Map.of("file", "validation_invalid_backup"));
        assertThat(answer.json().at("/data/file/message").asText())
                .isEqualTo("The file is not a valid backup of this database.");
    }

    @Test
    void a_zip_as_pocketbase_writes_it_is_taken_whatever_lies_in_its_storage() throws Exception {
        var found = new TreeMap<String, byte[]>();
        try (var zip = new ZipInputStream(new ByteArrayInputStream(kept()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!entry.isDirectory()
                        && (entry.getName().endsWith(".db") || entry.getName().startsWith("storage/"))) {
                    found.put(entry.getName(), zip.readAllBytes());
                }
            }
        }
        assertThat(found).containsKeys("auxiliary.db", "data.db");
        byte[] document = zip(0, "[Content_Types].xml", "<Types/>", "word/document.xml", "<w/>");
        var members = new LinkedHashMap<String, byte[]>();
        members.put("auxiliary.db", found.remove("auxiliary.db"));
        members.put("auxiliary.db-shm", new byte[0]);
        members.put("auxiliary.db-wal", new byte[0]);
        members.putAll(found);
        assertThat(upload("as_pocketbase.zip", zip(members, 0), "file").status())
                .isEqualTo(204);

        // The same with the files first, within what is looked at.
        var filesFirst = new LinkedHashMap<String, byte[]>();
        filesFirst.put("storage/pbc_1/r0c1d2e3f4g5h6i/letter.docx", document);
        filesFirst.put("storage/pbc_1/r0c1d2e3f4g5h6i/word/document.xml", new byte[10]);
        filesFirst.putAll(members);
        assertThat(upload("files_first.zip", zip(filesFirst, 1), "file").status())
                .isEqualTo(204);

        // The same with another name of the auxiliary database.
        var otherName = new LinkedHashMap<String, byte[]>();
        otherName.put("aux.db", members.get("auxiliary.db"));
        members.forEach((name, content) -> {
            if (!name.startsWith("auxiliary.db")) {
                otherName.put(name, content);
            }
        });
        assertThat(upload("other_name.zip", zip(otherName, 0), "file").status()).isEqualTo(204);
        for (String key : List.of("as_pocketbase.zip", "files_first.zip", "other_name.zip")) {
            Answer restored = call("POST", BACKUPS + "/" + key + "/restore", "", "Prefer", "return=representation");
            assertThat(restored.status()).as(key + restored.text()).isEqualTo(200);
        }
    }
}
