package dev.holdfast.rest.v1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.http.access.AccessServerFixture;
import dev.holdfast.http.upload.UploadLimits;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UploadAccessTest {
    private static final String FORM =
            "--b\r\nContent-Disposition: form-data; name=file; filename=a.db\r\n\r\nabc\r\n--b--\r\n";

    private final OneBackupUseCases fake = new OneBackupUseCases();
    private final AccessServerFixture server = AccessServerFixture.start(true, (context, _) -> {
        context.registerSingleton(UploadBackup.class, fake.uploadBackup());
        context.registerSingleton(Operations.class, fake.operations());
        context.registerSingleton(
                UploadLimits.class, new UploadLimits(UploadLimits.USUAL_SIZE, UploadLimits.USUAL_SILENCE));
    });

    @AfterEach
    void stop() {
        server.close();
    }

    /** The body is announced and never sent: the answer does not wait for it. */
    @ParameterizedTest(name = "{0} gets {2} {1}")
    @CsvSource({
        "nobody, '', 401",
        "nobody, 'Expect: 100-continue\r\n', 401",
        "vic, '', 403",
        "otto, '', 403",
        "otto, 'Expect: 100-continue\r\n', 403",
        "ann, '', 201",
    })
    void only_an_admin_uploads_and_others_are_told_at_once(String name, String expect, int status) throws Exception {
        String bearer = name.equals("nobody") ? "" : server.bearer(name) + "\r\n";
        long length = status == 201 ? FORM.length() : 5L << 30;
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            socket.setSoTimeout(60_000);
            String request = "POST /api/v1/backup/upload HTTP/1.1\r\nHost: localhost\r\n" + bearer + expect
                    + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: " + length + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            socket.getOutputStream().write((status == 201 ? FORM : "").getBytes(ISO_8859_1));
            String expected = "HTTP/1.1 " + status + " ";
            assertThat(new String(socket.getInputStream().readNBytes(expected.length()), UTF_8))
                    .isEqualTo(expected);
        }
        assertThat(fake.uploads).hasSize(status == 201 ? 1 : 0);
    }
}
