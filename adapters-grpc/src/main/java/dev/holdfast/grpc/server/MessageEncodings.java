package dev.holdfast.grpc.server;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.problem.Problems;
import io.grpc.Codec;
import io.grpc.Decompressor;
import io.grpc.DecompressorRegistry;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerStreamTracer;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The compressions that calls may use. A message that does not fit its call's {@code grpc-encoding} is an invalid argument:
 * gRPC's library calls it an internal error, which an operator would look for in the server.
 */
final class MessageEncodings {
    private static final Metadata.Key<String> ENCODING =
            Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);
    private static final Decompressor NONE = new None();

    private MessageEncodings() {}

    static void addTo(ServerBuilder<?> server) {
        server.decompressorRegistry(DecompressorRegistry.emptyInstance()
                        .with(new Gzip(), true)
                        .with(NONE, false))
                .addStreamTracerFactory(new Declared());
    }

    /** The library asks the registry only for an encoding that a call declares, so each call declares one. */
    private static final class Declared extends ServerStreamTracer.Factory {
        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
            if (!headers.containsKey(ENCODING)) {
                headers.put(ENCODING, NONE.getMessageEncoding());
            }
            return new ServerStreamTracer() {};
        }
    }

    /** Is asked only for messages that are flagged as compressed. */
    private static final class None implements Decompressor {
        @Override
        public String getMessageEncoding() {
            return Codec.Identity.NONE.getMessageEncoding();
        }

        @Override
        public InputStream decompress(InputStream message) {
            throw invalid("The message is flagged as compressed, but the call has no grpc-encoding.");
        }
    }

    private static final class Gzip implements Decompressor {
        private final Decompressor gzip = new Codec.Gzip();

        @Override
        public String getMessageEncoding() {
            return gzip.getMessageEncoding();
        }

        @Override
        public InputStream decompress(InputStream message) {
            try {
                return gzip.decompress(message);
            } catch (IOException _) {
                throw invalid("The message is flagged as compressed, but it is not what grpc-encoding says.");
            }
        }
    }

    private static StatusRuntimeException invalid(String message) {
        return Problems.of(new Problem.InvalidArgument("message", message));
    }
}
