package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The members of a JWT's header and payload, which tests change one by one. Written without the library that the server
 * reads tokens with, so that a fault in that library is not on both sides.
 *
 * @param header the JSON of each member
 * @param claims the JSON of each member
 */
public record JwtText(Map<String, String> header, Map<String, String> claims) {
    private static final Pattern MEMBER =
            Pattern.compile("\"(\\w+)\":(\"(?:[^\"\\\\]|\\\\.)*\"|\\[[^]]*]|\\{[^}]*}|[^,}]+)");

    /** Signs the bytes of header and payload. */
    public interface Signature {
        byte[] of(byte[] text) throws GeneralSecurityException;

        static Signature none() {
            return _ -> new byte[0];
        }

        /** @param bits of the hash, such as 256 */
        static Signature secret(String secret, int bits) {
            return secret(secret.getBytes(UTF_8), bits);
        }

        static Signature secret(byte[] secret, int bits) {
            return text -> {
                Mac mac = Mac.getInstance("HmacSHA" + bits);
                mac.init(new SecretKeySpec(secret, mac.getAlgorithm()));
                return mac.doFinal(text);
            };
        }

        /** @param algorithm as the JDK calls it */
        static Signature key(PrivateKey key, String algorithm) {
            return text -> {
                var signature = java.security.Signature.getInstance(algorithm);
                signature.initSign(key);
                signature.update(text);
                return signature.sign();
            };
        }
    }

    /** Reads a token whose members are no deeper than one level. */
    public static JwtText parse(String token) {
        String[] parts = token.split("\\.", -1);
        return new JwtText(members(parts[0]), members(parts[1]));
    }

    public static JwtText of(String algorithm) {
        return new JwtText(Map.of(), Map.of()).header("alg", text(algorithm));
    }

    private static Map<String, String> members(String part) {
        Matcher matcher = MEMBER.matcher(new String(Base64.getUrlDecoder().decode(part), UTF_8));
        return matcher.results()
                .collect(Collectors.toMap(it -> it.group(1), it -> it.group(2), (a, _) -> a, LinkedHashMap::new));
    }

    /** The JSON of a text that needs no escapes. */
    public static String text(String text) {
        return '"' + text + '"';
    }

    public JwtText header(String name, String json) {
        return new JwtText(with(header, name, json), claims);
    }

    public JwtText withoutHeader(String name) {
        return new JwtText(without(header, name), claims);
    }

    public JwtText claim(String name, String json) {
        return new JwtText(header, with(claims, name, json));
    }

    public JwtText claim(String name, long number) {
        return claim(name, Long.toString(number));
    }

    public JwtText without(String name) {
        return new JwtText(header, without(claims, name));
    }

    /** In seconds since 1970. */
    public long seconds(String claim) {
        return Long.parseLong(claims.getOrDefault(claim, "-1"));
    }

    public String signed(Signature signature) {
        String text =
                base64(json(header).getBytes(UTF_8)) + "." + base64(json(claims).getBytes(UTF_8));
        try {
            return text + "." + base64(signature.of(text.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String json(Map<String, String> members) {
        return members.entrySet().stream()
                .map(it -> text(it.getKey()) + ":" + it.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Map<String, String> with(Map<String, String> members, String name, String json) {
        var more = new LinkedHashMap<>(members);
        more.put(name, json);
        return more;
    }

    private static Map<String, String> without(Map<String, String> members, String name) {
        var fewer = new LinkedHashMap<>(members);
        fewer.remove(name);
        return fewer;
    }
}
