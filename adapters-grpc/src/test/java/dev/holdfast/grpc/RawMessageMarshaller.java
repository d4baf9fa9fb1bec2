package dev.holdfast.grpc;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Sends whatever bytes a test wants to send, as a client might that was made from something else. */
final class RawMessageMarshaller implements MethodDescriptor.Marshaller<ByteString> {
    @Override
    public InputStream stream(ByteString value) {
        return value.newInput();
    }

    @Override
    public ByteString parse(InputStream stream) {
        try {
            return ByteString.readFrom(stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
