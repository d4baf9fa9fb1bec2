package dev.holdfast.dialects.pocketbase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of the contract about uploads. */
@Tag("adapter")
class UploadAnswersTest extends ContractAnswersFixture {
    private static final String UPLOAD = "/api/backups/upload";

    private Answer upload(String disposition) throws Exception {
        return upload(disposition, "PK\3\4a database");
    }

    private Answer upload(String disposition, String content) throws Exception {
        String form = "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n--b--\r\n";
        return typed("POST", UPLOAD, "multipart/form-data; boundary=b", form);
    }

    @Test
    void an_upload_without_a_file_lacks_the_field() throws Exception {
        String blank = "{\"file\":" + BLANK + "}";
        String file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.zip\"\r\n\r\nPK\3\4";
        for (Answer answer : List.of(
                upload("name=\"other\"; filename=\"x.zip\""),
                upload("name=\"file\""),
                upload("name=\"file\"; filename=\"\""),
                typed("POST", UPLOAD, "multipart/form-data; boundary=b", "--b--\r\n"),
                typed("POST", UPLOAD, "multipart/form-data; boundary=b", "no form at all"),
                typed("POST", UPLOAD, "multipart/form-data; boundary=b", file),
                typed("POST", UPLOAD, "multipart/form-data", file + "\r\n--b--\r\n"),
                typed("POST", UPLOAD, JSON, "{\"file\":\"x.zip\"}"),
                typed("POST", UPLOAD, JSON, ""),
                typed("POST", UPLOAD, "application/zip", "PK\3\4"),
                server.send("POST", UPLOAD, "", "Authorization", token))) {
            assertRefused(answer, 400, INVALID, blank);
        }
        assertThat(keys()).containsExactly("kept.zip");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x.zip                 | x.zip",
                "test                  | test",
                "blob                  | blob",
                "My Backup (1).ZIP     | My Backup (1).ZIP",
                "a.b.c                 | a.b.c",
                "dir/sub/last.zip      | last.zip",
                "C:\\dir\\last.zip     | last.zip",
                "../../last.zip        | last.zip",
                "größe 😀.zip          | größe 😀.zip",
                "x.attrs               | x.attrs",
                "@auto_pb_backup_x.zip | @auto_pb_backup_x.zip",
            })
    void an_upload_is_kept_by_the_last_part_of_what_it_is_called(String filename, String key) throws Exception {
        assertDone(upload("name=\"file\"; filename=\"" + filename.replace("\\", "\\\\") + "\""));
        assertThat(keys()).hasSize(2).contains(key);
        assertRefused(
                upload("name=\"file\"; filename=\"" + key + "\""),
                400,
                INVALID,
                error("file", "validation_backup_name_exists", "Backup file with the specified name already exists."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plan", "drill", "upload", "timelines", "restore", "dir/plan"})
    void an_upload_that_is_called_as_an_address_gets_a_generated_name_and_the_answer_shows_it(String filename)
            throws Exception {
        Answer answer = upload("name=\"file\"; filename=\"" + filename + "\"");

        assertDone(answer);
        String key = answer.headers().firstValue("Content-Location").orElse("");
        assertThat(key).matches("pb_backup_[a-z0-9_]+_\\d{14}\\.zip");
        assertThat(keys()).containsExactlyInAnyOrder("kept.zip", key);
        assertThat(upload("name=\"file\"; filename=\"x.zip\"").headers().firstValue("Content-Location"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PK\3\6", "PK\3\10", "PK\5\6", "PK\5\4", "PK\7\10", "PK\7\10PK\3\4"})
    void what_begins_as_any_zip_does_is_none_that_can_be_restored(String content) throws Exception {
        assertRefused(
                upload("name=\"file\"; filename=\"x.txt\"", content),
                400,
                INVALID,
                error("file", "validation_invalid_backup", "The file is not a valid backup of this database."));
    }

    @Test
    void of_an_upload_the_name_is_looked_at_before_the_bytes() throws Exception {
        assertRefused(
                upload("name=\"file\"; filename=\"kept.zip\"", "plain text"),
                400,
                INVALID,
                error("file", "validation_backup_name_exists", "Backup file with the specified name already exists."));
    }

    @Test
    void an_upload_that_is_called_as_no_backup_can_be_is_refused() throws Exception {
        for (String name : List.of(".hidden.zip", "dir/.hidden", "x".repeat(252) + ".zip", "dir/", "a\tb.zip")) {
            assertRefused(
                    upload("name=\"file\"; filename=\"" + name + "\""),
                    400,
                    INVALID,
                    error("file", "validation_invalid_name", "The file has a name that no backup can have."));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "notes.txt, notes_[a-z0-9]{10}\\.txt",
        "My Notes.TXT, my_notes_[a-z0-9]{10}\\.txt",
        "notes, notes_[a-z0-9]{10}",
        "my.backup.zip, my_backup_[a-z0-9]{10}\\.zip",
    })
    void what_is_no_zip_is_told_by_a_name_of_plain_characters(String filename, String normalized) throws Exception {
        for (String content : List.of(
                "plain text",
                "",
                "PK",
                "PK\3",
                "PK\1\2",
                "PK\4\4",
                "PK\3\5",
                "pk\3\4",
                " PK\3\4",
                "SQLite format 3\0")) {
            Answer answer = upload("name=\"file\"; filename=\"" + filename + "\"", content);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.at("message")).isEqualTo(INVALID);
            assertThat(answer.at("data.file.code")).isEqualTo("validation_invalid_mime_type");
            assertThat(answer.at("data.file.message"))
                    .matches("\"" + normalized + "\" mime type must be one of: application/zip\\.");
        }
        assertThat(keys()).containsExactly("kept.zip");
    }
}
