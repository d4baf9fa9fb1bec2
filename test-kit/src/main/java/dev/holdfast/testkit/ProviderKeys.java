package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.testkit.JwtText.Signature;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The keys of an identity provider: {@code rsa}, {@code ec}, and some that it publishes and that must not count. {@code
 * encrypting} is for encryption, {@code pss} for PS256 only, and {@code oct} is a secret that was published by mistake.
 */
public final class ProviderKeys {
    public static final String PUBLISHED_SECRET = "a secret of an identity provider that was published by mistake..";

    private final Supplier<KeyPair> rsa =
            once(() -> pair("RSA", new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4)));
    private final Supplier<KeyPair> ec = once(() -> pair("EC", new ECGenParameterSpec("secp256r1")));

    private static KeyPair pair(String algorithm, AlgorithmParameterSpec parameters) {
        try {
            var generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(parameters);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An RSA key takes long to make, and not each test uses one. */
    private static <T> Supplier<T> once(Supplier<T> making) {
        var made = new ConcurrentHashMap<Boolean, T>();
        return () -> made.computeIfAbsent(true, _ -> making.get());
    }

    /** RS256 with {@code bits} 256. */
    public Signature rs(int bits) {
        return Signature.key(rsa.get().getPrivate(), "SHA" + bits + "withRSA");
    }

    public Signature ps256() {
        return text -> {
            var signature = java.security.Signature.getInstance("RSASSA-PSS");
            signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
            signature.initSign(rsa.get().getPrivate());
            signature.update(text);
            return signature.sign();
        };
    }

    public Signature es256() {
        return Signature.key(ec.get().getPrivate(), "SHA256withECDSAinP1363Format");
    }

    /** As a secret, by which a careless server checks a token "signed" with what everybody can read. */
    public byte[] publicBytes() {
        return rsa.get().getPublic().getEncoded();
    }

    /** The key set, as the provider publishes it. */
    public String jwks() {
        return """
                {"keys":[
                {"kty":"RSA","kid":"rsa",%1$s},
                {"kty":"RSA","kid":"encrypting","use":"enc",%1$s},
                {"kty":"RSA","kid":"pss","alg":"PS256",%1$s},
                {"kty":"EC","kid":"ec","crv":"P-256",%2$s},
                {"kty":"oct","kid":"oct","k":"%3$s"}
                ]}""".formatted(rsaMembers(), ecMembers(), base64(PUBLISHED_SECRET.getBytes(UTF_8)));
    }

    private String rsaMembers() {
        var key = (RSAPublicKey) rsa.get().getPublic();
        return "\"n\":\"" + unsigned(key.getModulus(), 256) + "\",\"e\":\"" + unsigned(key.getPublicExponent(), 3)
                + '"';
    }

    /** The members {@code x} and {@code y} of the EC key. */
    public String ecMembers() {
        var point = ((ECPublicKey) ec.get().getPublic()).getW();
        return "\"x\":\"" + unsigned(point.getAffineX(), 32) + "\",\"y\":\"" + unsigned(point.getAffineY(), 32) + '"';
    }

    private static String unsigned(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        byte[] padded = new byte[length];
        int count = Math.min(bytes.length, length);
        System.arraycopy(bytes, bytes.length - count, padded, length - count, count);
        return base64(Arrays.copyOf(padded, length));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
