package dev.holdfast.http.stream;

import io.micronaut.core.io.buffer.ReadBuffer;
import io.micronaut.core.type.Argument;
import io.micronaut.core.type.MutableHeaders;
import io.micronaut.http.ByteBodyHttpResponse;
import io.micronaut.http.ByteBodyHttpResponseWrapper;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.body.ByteBodyFactory;
import io.micronaut.http.body.CloseableByteBody;
import io.micronaut.http.body.ResponseBodyWriter;
import io.micronaut.http.body.stream.BodySizeLimits;
import jakarta.inject.Singleton;
import java.io.OutputStream;
import org.reactivestreams.Publisher;

/** Hands a {@link StreamedBody} to the HTTP server. */
@Singleton
final class StreamedBodyWriter implements ResponseBodyWriter<StreamedBody> {
    @Override
    public ByteBodyHttpResponse<?> write(
            ByteBodyFactory bodies,
            HttpRequest<?> request,
            MutableHttpResponse<StreamedBody> response,
            Argument<StreamedBody> type,
            MediaType mediaType,
            StreamedBody body) {
        return ByteBodyHttpResponseWrapper.wrap(response, writePiece(bodies, request, response, type, mediaType, body));
    }

    @Override
    public CloseableByteBody writePiece(
            ByteBodyFactory bodies,
            HttpRequest<?> request,
            HttpResponse<?> response,
            Argument<StreamedBody> type,
            MediaType mediaType,
            StreamedBody body) {
        Publisher<ReadBuffer> pieces = it -> body.subscribe(it, bodies.readBufferFactory());
        // The length goes with the response's own Content-Length; a body that is dropped unread is cancelled too.
        return bodies.adapt(pieces, BodySizeLimits.UNLIMITED, response.getHeaders(), body::cancel);
    }

    @Override
    public void writeTo(
            Argument<StreamedBody> type,
            MediaType mediaType,
            StreamedBody body,
            MutableHeaders headers,
            OutputStream output) {
        body.cancel();
        throw new UnsupportedOperationException("a streamed body is pulled, not pushed");
    }
}
