package dev.holdfast.http.upload;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.fileupload2.core.FileUploadException;
import org.apache.commons.fileupload2.core.MultipartInput;

/**
 * A {@code multipart/form-data} body, read from its beginning to its end. Everything in it is hostile: what does not
 * keep to the form ends in a {@code ProblemException} with {@code InvalidArgument}, a body that is cut off in an {@code
 * IOException}. But for the one file it may have only {@value #MOST_BESIDE} bytes.
 */
final class MultipartForm {
    static final int MOST_BESIDE = 256 * 1024;
    private static final int MOST_PARTS = 32;
    private static final int LONGEST_HEADERS = 8 * 1024;
    private static final int BUFFER = 64 * 1024;
    private static final Set<String> UNENCODED = Set.of("binary", "8bit", "7bit");

    private final RequestBodyStream body;
    private final String field;
    private final MultipartInput input;
    private final int delimiterLength;
    private long raw;
    private long content;
    private long before;
    private int parts;

    /**
     * @param boundary 1 to 70 ASCII characters
     * @param field what the file's field is called
     */
    MultipartForm(RequestBodyStream body, String boundary, String field) {
        this.body = body;
        this.field = field;
        this.delimiterLength = boundary.length() + "\r\n--".length() + "\r\n".length();
        try {
            input = MultipartInput.builder()
                    .setInputStream(new Counted())
                    .setBoundary(boundary.getBytes(US_ASCII))
                    .setPartHeaderSizeMax(LONGEST_HEADERS)
                    .setBufferSize(BUFFER)
                    .get();
        } catch (IOException e) {
            throw new IllegalStateException("reads nothing yet", e);
        }
        input.setHeaderCharset(UTF_8);
    }

    /** Reads as far as the file's first byte. To be called once. */
    Part file() throws IOException {
        boolean more = input.skipPreamble();
        if (!more && body.isCutOff()) {
            throw new IOException("the form was cut off before it began");
        }
        before = delimiterLength - 2L; // CR LF: the first one has no line break of its own before it
        while (more) {
            Optional<Part> found = part();
            if (found.isPresent()) {
                return found.get();
            }
            before += guarded(input::discardBodyData) + delimiterLength;
            more = guarded(input::readBoundary);
        }
        throw wrong("The form has no file in its field \"" + field + "\".");
    }

    /** How much of the body is not the file, if nothing follows it; exact where clients write forms as they usually do. */
    long besideFile() {
        return before + delimiterLength + "--".length();
    }

    private Optional<Part> part() throws IOException {
        if (++parts > MOST_PARTS) {
            throw wrong("The form has more than " + MOST_PARTS + " fields.");
        }
        String headers = guarded(input::readHeaders);
        before += headers.getBytes(UTF_8).length;
        HeaderParameters disposition = header(headers, "content-disposition")
                .flatMap(HeaderParameters::parse)
                .filter(it -> it.value().equals("form-data"))
                .orElseThrow(() -> wrong("A part of the form has no Content-Disposition that says its field."));
        String name = disposition.parameter("name").orElseThrow(() -> wrong("A part of the form has no field's name."));
        if (!name.equals(field)) {
            return Optional.empty();
        }
        String filename = disposition
                .extended("filename")
                .filter(it -> !it.isEmpty())
                .orElseThrow(() -> wrong("The field \"" + field + "\" has no file with a name."));
        String encoding = header(headers, "content-transfer-encoding").orElse("binary");
        if (!UNENCODED.contains(encoding.toLowerCase(Locale.ROOT))) {
            throw wrong("The file is sent as it is, without a transfer encoding.");
        }
        return Optional.of(new Part(filename));
    }

    /** Headers that are folded, unnamed or there twice are no headers of a form. */
    private Optional<String> header(String headers, String name) {
        List<String> values = new ArrayList<>();
        for (String line : headers.strip().split("\r\n", -1)) {
            int colon = line.indexOf(':');
            if (colon <= 0 || Character.isWhitespace(line.charAt(0)) || line.indexOf('\0') >= 0) {
                throw wrong("A header of the form's parts cannot be read.");
            }
            if (line.substring(0, colon).strip().equalsIgnoreCase(name)) {
                values.add(line.substring(colon + 1).strip());
            }
        }
        if (values.size() > 1) {
            throw wrong("A header of the form's parts is there twice.");
        }
        return values.stream().findAny();
    }

    /** Reads all that follows the file, so that nothing half arrived passes for whole. */
    private void finish() throws IOException {
        while (guarded(input::readBoundary)) {
            if (part().isPresent()) {
                throw wrong("The form has several files in its field \"" + field + "\".");
            }
            guarded(input::discardBodyData);
        }
        // What the parser has read ahead ends with the body; anything else behind the form is thrown away, in bounds.
        new Counted().transferTo(OutputStream.nullOutputStream());
    }

    private interface Step<T> {
        T take() throws IOException;
    }

    /** The parser takes a lost connection for a malformed form; it is not the same. */
    private <T> T guarded(Step<T> step) throws IOException {
        try {
            return step.take();
        } catch (FileUploadException e) {
            if (body.isCutOff()) {
                throw new IOException("the form was cut off", e);
            }
            throw wrong("The body is no multipart form, or ends within it.");
        }
    }

    private static ProblemException wrong(String detail) {
        return new ProblemException(new Problem.InvalidArgument("body", detail));
    }

    /** The file: its name as the client writes it, and its bytes. At their end the whole form has been read. */
    final class Part extends InputStream {
        private final String filename;
        private final InputStream bytes = input.newInputStream();
        private boolean ended;

        private Part(String filename) {
            this.filename = filename;
        }

        String filename() {
            return filename;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (ended) {
                return -1;
            }
            int n = guarded(() -> bytes.read(into, from, length));
            if (n < 0) {
                finish();
                ended = true;
            } else {
                content += n;
            }
            return n;
        }
    }

    /** Between the connection and the parser. */
    private final class Counted extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            if (raw - content > MOST_BESIDE + BUFFER) { // the parser reads a buffer ahead
                throw wrong("The form has more than " + MOST_BESIDE + " bytes beside the file.");
            }
            int n = body.read(into, from, length);
            raw += Math.max(0, n);
            return n;
        }
    }
}
