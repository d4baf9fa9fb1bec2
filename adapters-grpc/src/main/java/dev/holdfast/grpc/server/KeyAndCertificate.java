package dev.holdfast.grpc.server;

import dev.holdfast.grpc.server.GrpcServer.WrongTlsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a certificate is valid now, and a private key belongs to it. TLS itself finds out with the first client only. */
final class KeyAndCertificate {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----\\s+([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    /** What each kind of key signs with; one that is not here is left to TLS. */
    private static final Map<String, String> SIGNATURES =
            Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

    private KeyAndCertificate() {}

    /** @param tls files that TLS has taken, so that they are what they should be, each for itself */
    static void requireFit(GrpcSettings.Tls tls, InstantSource clock) throws WrongTlsException {
        try {
            X509Certificate certificate = certificate(tls);
            requireValid(certificate, tls, clock.instant());
            PublicKey certified = certificate.getPublicKey();
            String signature = SIGNATURES.get(certified.getAlgorithm());
            Matcher key = KEY.matcher(Files.readString(tls.privateKey()));
            if (signature != null && key.find() && !fits(certified, key.group(1), signature)) {
                throw new WrongTlsException(
                        "the private key " + tls.privateKey() + " does not belong to this certificate");
            }
        } catch (WrongTlsException e) {
            throw e;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new WrongTlsException(e);
        }
    }

    private static X509Certificate certificate(GrpcSettings.Tls tls) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(tls.certificate())) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static void requireValid(X509Certificate certificate, GrpcSettings.Tls tls, Instant now)
            throws WrongTlsException {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            throw new WrongTlsException("the certificate " + tls.certificate() + " is not valid before " + from);
        }
        if (now.isAfter(until)) {
            throw new WrongTlsException("the certificate " + tls.certificate() + " has run out at " + until);
        }
    }

    /** What the one signs has to be right by the other. */
    private static boolean fits(PublicKey certified, String base64, String signature) throws GeneralSecurityException {
        PrivateKey key;
        try {
            key = KeyFactory.getInstance(certified.getAlgorithm())
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
        } catch (InvalidKeySpecException _) {
            return false; // of another kind
        }
        byte[] probe = {1};
        Signature signing = Signature.getInstance(signature);
        signing.initSign(key);
        signing.update(probe);
        byte[] signed = signing.sign();
        signing.initVerify(certified);
        signing.update(probe);
        return signing.verify(signed);
    }
}
