package dev.holdfast.bootstrap.settings;

import static dev.holdfast.bootstrap.settings.Settings.ROOT;

import dev.holdfast.grpc.server.GrpcSettings;
import dev.holdfast.http.access.LoopbackHost;
import java.nio.file.Path;
import java.util.Optional;

/** Reads how gRPC is served: what leaves this machine is encrypted, and knows who calls. */
final class GrpcReader {
    private static final String HOST = ROOT + "grpc.host";
    private static final String CERTIFICATE = ROOT + "grpc.tls.certificate";
    private static final String PRIVATE_KEY = ROOT + "grpc.tls.private-key";
    private static final String CLIENT_CA = ROOT + "grpc.tls.client-ca";

    private GrpcReader() {}

    static GrpcSettings read(SettingsSource source) {
        String host = source.text(HOST).orElse("127.0.0.1");
        var settings = new GrpcSettings(
                host,
                source.port(ROOT + "grpc.port", 50_051),
                tls(source),
                source.flag(ROOT + "grpc.reflection", true),
                GrpcSettings.USUAL_SILENCE);
        if (!LoopbackHost.is(host)) {
            requireAccessControl(source, host);
            if (settings.tls().isEmpty()) {
                throw new InvalidSettingException(
                        CERTIFICATE,
                        "not set",
                        "a certificate, because " + HOST + " is " + host + ": plaintext is for loopback only");
            }
        }
        return settings;
    }

    private static void requireAccessControl(SettingsSource source, String host) {
        String key = ROOT + "auth.enabled";
        if (!source.flag(key, false)) {
            throw new InvalidSettingException(
                    key, false, "true, because " + HOST + " is " + host + ": off is for loopback only");
        }
    }

    private static Optional<GrpcSettings.Tls> tls(SettingsSource source) {
        Optional<Path> certificate = source.text(CERTIFICATE).map(it -> Settings.path(CERTIFICATE, it));
        Optional<Path> privateKey = source.text(PRIVATE_KEY).map(it -> Settings.path(PRIVATE_KEY, it));
        Optional<Path> clientCa = source.text(CLIENT_CA).map(it -> Settings.path(CLIENT_CA, it));
        if (certificate.isPresent() != privateKey.isPresent() || (clientCa.isPresent() && certificate.isEmpty())) {
            throw new InvalidSettingException(
                    certificate.isPresent() ? PRIVATE_KEY : CERTIFICATE,
                    "not set",
                    "a file, because another one of holdfast.grpc.tls is set");
        }
        return certificate.map(it -> new GrpcSettings.Tls(it, privateKey.orElseThrow(), clientCa));
    }
}
