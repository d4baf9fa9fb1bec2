package dev.holdfast.example;

import dev.holdfast.grpc.v1.Backup;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.CreateBackupRequest;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import java.io.File;
import java.time.Duration;

/** Backs up over TLS. Arguments: HOST:PORT TOKEN AUTHORITIES.pem [CERTIFICATE.pem KEY.pem] */
public final class OverTls {
    private OverTls() {}

    public static void main(String[] arguments) throws Exception {
        // without authorities of one's own, those that Java knows are trusted
        TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder().trustManager(new File(arguments[2]));
        if (arguments.length > 3) {
            // for a server that lets in only clients with a certificate
            tls.keyManager(new File(arguments[3]), new File(arguments[4]));
        }
        var headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + arguments[1]);
        ManagedChannel channel =
                Grpc.newChannelBuilder(arguments[0], tls.build()).build();
        try {
            Backup made = BackupServiceGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .withDeadlineAfter(Duration.ofMinutes(10))
                    .createBackup(CreateBackupRequest.newBuilder()
                            .setDatabase("default")
                            .build())
                    .getBackup();
            System.out.println("made " + made.getFilename());
        } finally {
            channel.shutdownNow();
        }
    }
}
