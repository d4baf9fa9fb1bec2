package dev.holdfast.dialects.dispatcharr.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.dialects.dispatcharr.DispatcharrApiError;
import dev.holdfast.dialects.dispatcharr.DispatcharrApiErrors;
import dev.holdfast.dialects.dispatcharr.DispatcharrCall;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import dev.holdfast.dialects.dispatcharr.DispatcharrFilename;
import dev.holdfast.dialects.dispatcharr.TaskErrors;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.upload.UploadedFile;
import dev.holdfast.http.upload.UploadedFiles;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import jakarta.inject.Singleton;

/** Takes in the file of a request: checked, and under the first free name that is like the client's. */
@Singleton
public final class Uploads {
    public static final DispatcharrApiError NO_FILE = DispatcharrApiError.detail(400, "No file uploaded");

    private static final String FIELD = "file";
    private static final String UNNAMED = "uploaded-backup.zip";
    private static final int LAST_SUFFIX = 999;

    private final UploadBackup uploadBackup;
    private final UploadedFiles files;
    private final FindBackup findBackup;
    private final Operations operations;
    private final DispatcharrDatabase database;

    Uploads(
            UploadBackup uploadBackup,
            UploadedFiles files,
            FindBackup findBackup,
            Operations operations,
            DispatcharrDatabase database) {
        this.uploadBackup = uploadBackup;
        this.files = files;
        this.findBackup = findBackup;
        this.operations = operations;
        this.database = database;
    }

    /** What came of it. */
    public sealed interface Received {
        /** @param original what the client calls it */
        record Stored(Backup backup, String original) implements Received {}

        /** A file came, and is none that can be kept. */
        record Failed(DispatcharrApiError error, String text, String original) implements Received {}

        record Refused(DispatcharrApiError error) implements Received {}
    }

    public Received receive(HttpRequest<?> request) throws InterruptedException {
        return switch (files.open(request, FIELD)) {
            case Outcome.Refused<UploadedFile>(Problem.UnsupportedMediaType _) ->
                new Received.Refused(otherType(request));
            case Outcome.Refused<UploadedFile>(Problem.InvalidArgument _) -> new Received.Refused(NO_FILE);
            case Outcome.Refused<UploadedFile>(var problem) ->
                new Received.Refused(DispatcharrApiErrors.of(DispatcharrCall.UPLOAD, problem));
            case Outcome.Done<UploadedFile>(var file) -> receive(request, file);
        };
    }

    private static DispatcharrApiError otherType(HttpRequest<?> request) {
        String type = request.getHeaders().get(HttpHeaders.CONTENT_TYPE, String.class, "");
        return type.isEmpty()
                ? NO_FILE
                : DispatcharrApiError.detail(415, "Unsupported media type \"" + type + "\" in request.");
    }

    private Received receive(HttpRequest<?> request, UploadedFile file) throws InterruptedException {
        try (file) {
            String original = file.filename().isEmpty() ? UNNAMED : file.filename();
            if (!DispatcharrFilename.isPlain(original)) {
                return new Received.Refused(DispatcharrApiError.detail(400, "Invalid filename."));
            }
            var requester = DispatcharrDatabase.requester(request);
            var content = new FirstBytes(file.content());
            return switch (uploadBackup.start(
                    database.name(), free(original), content, file.announcedSize(), requester)) {
                case Outcome.Refused<Operation>(var problem) ->
                    new Received.Failed(
                            DispatcharrApiErrors.of(DispatcharrCall.UPLOAD, problem), problem.detail(), original);
                case Outcome.Done<Operation>(var operation) ->
                    ended(operations.awaitEnd(operation.id()), content.areGzip(), original);
            };
        }
    }

    private static Received ended(Operation end, boolean gzip, String original) {
        return switch (end.state()) {
            case SUCCEEDED -> {
                if (end.result().orElseThrow() instanceof Result.Uploaded(Backup backup)) {
                    yield new Received.Stored(backup, original);
                }
                throw new IllegalStateException("an upload's result is what was uploaded");
            }
            case FAILED -> {
                Failure failure = end.failure().orElseThrow();
                yield new Received.Failed(
                        DispatcharrApiErrors.of(DispatcharrCall.UPLOAD, failure), TaskErrors.text(end, gzip), original);
            }
            case CANCELLED, RUNNING -> {
                String text = "it was cancelled";
                yield new Received.Failed(
                        DispatcharrApiError.detail(500, DispatcharrCall.UPLOAD.failed(text)), text, original);
            }
        };
    }

    /** The name itself, or with a number before its end. */
    private String free(String name) {
        String end = name.endsWith(".tar.gz")
                ? ".tar.gz"
                : name.lastIndexOf('.') > 0 ? name.substring(name.lastIndexOf('.')) : "";
        String begin = name.substring(0, name.length() - end.length());
        String candidate = name;
        for (int n = 1; n <= LAST_SUFFIX && isTaken(candidate); n++) {
            candidate = begin + "-" + n + end;
        }
        return candidate;
    }

    private boolean isTaken(String name) {
        return BackupKey.isValid(name) && findBackup.find(database.name(), name) instanceof Outcome.Done<Backup>;
    }
}
