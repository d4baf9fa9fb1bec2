package dev.holdfast.testkit;

import static dev.holdfast.testkit.JwtText.text;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.testkit.JwtText.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A token that differs from a valid one in one thing, and what a server makes of it.
 *
 * @param what the difference
 * @param taken whether the token counts where its kind is taken
 */
public record TokenCase(String what, String token, boolean taken) {
    @Override
    public String toString() {
        return what + (taken ? " is taken" : " is refused");
    }

    /** The cases of one kind of token, one after the other. */
    private static final class Table {
        private final List<TokenCase> cases = new ArrayList<>();
        private final JwtText good;
        private final Signature signature;

        Table(JwtText good, Signature signature) {
            this.good = good;
            this.signature = signature;
        }

        Table taken(String what, JwtText token) {
            cases.add(new TokenCase(what, token.signed(signature), true));
            return this;
        }

        Table refused(String what, JwtText token) {
            return refused(what, token.signed(signature));
        }

        Table refused(String what, String token) {
            cases.add(new TokenCase(what, token, false));
            return this;
        }

        /** Each claim is needed, and with another content it is wrong. */
        Table needed(String... claims) {
            for (String claim : claims) {
                refused("no " + claim, good.without(claim));
                refused(claim + " null", good.claim(claim, "null"));
                refused("another " + claim, good.claim(claim, text("another")));
                refused(claim + " with a number", good.claim(claim, 7));
            }
            return this;
        }
    }

    /**
     * Of a token that the server signs with its own secret.
     *
     * @param good valid now, for at least two minutes
     * @param secret long enough for HS512
     */
    private static Table signedHere(JwtText good, String secret, Instant now) {
        long second = now.getEpochSecond();
        String token = good.signed(Signature.secret(secret, 256));
        String unsigned = token.substring(0, token.lastIndexOf('.') + 1);
        return new Table(good, Signature.secret(secret, 256))
                .taken("the token as it was given", good)
                .taken("a header with content for other readers", good.header("extra", text("x")))
                .taken("a key's address in the header", good.header("jku", text("http://127.0.0.1:1/jwks")))
                .taken("an audience", good.claim("aud", text("anything")))
                .taken("a right nbf", good.claim("nbf", second - 1))
                .taken("another claim", good.claim("extra", text("x")))
                .taken("a nearer exp", good.claim("exp", second + 250))
                .refused(
                        "alg none without a signature",
                        good.header("alg", text("none")).signed(Signature.none()))
                .refused("alg none with the signature", good.header("alg", text("none")))
                .refused("alg NONE", good.header("alg", text("NONE")).signed(Signature.none()))
                .refused("no signature", unsigned)
                .refused("no third part", unsigned.substring(0, unsigned.length() - 1))
                .refused("half a signature", token.substring(0, token.length() - 20))
                .refused("no alg", good.withoutHeader("alg"))
                .refused("alg hs256", good.header("alg", text("hs256")))
                .refused("HS384", good.header("alg", text("HS384")).signed(Signature.secret(secret, 384)))
                .refused("HS512", good.header("alg", text("HS512")).signed(Signature.secret(secret, 512)))
                .refused("RS256 by name", good.header("alg", text("RS256")))
                .refused("ES256 by name", good.header("alg", text("ES256")))
                .refused("another secret", good.signed(Signature.secret(secret + "x", 256)))
                .refused("another payload under the signature", otherPayload(good.claim("extra", "1"), token))
                .refused("a foreign key id", good.header("kid", text("other")))
                .refused("type JOSE", good.header("typ", text("JOSE")))
                .refused("an empty type", good.header("typ", text("")))
                .refused("a number as type", good.header("typ", "7"))
                .refused(
                        "crit that nothing here knows",
                        good.header("crit", "[\"x\"]").header("x", "1"))
                .refused(
                        "a payload that is not encoded",
                        good.header("b64", "false").header("crit", "[\"b64\"]"))
                .refused("compressed", good.header("zip", text("DEF")).claim("exp", "7"))
                .refused("no exp", good.without("exp"))
                .refused("exp null", good.claim("exp", "null"))
                .refused("exp as a text", good.claim("exp", text("" + (second + 60))))
                .refused("expired", good.claim("exp", second - 1))
                .refused("not yet valid", good.claim("nbf", second + 900))
                .refused("nbf as a text", good.claim("nbf", text("" + second)))
                .needed("iss")
                .refused(
                        "an issuer that ends alike",
                        good.claim("iss", longer(good.claims().getOrDefault("iss", ""))))
                .refused("encrypted", encrypted())
                .refused("a sixth part", token + ".x")
                .refused("a point before it", "." + token)
                .refused("nothing", "")
                .refused("points", "..");
    }

    private static String longer(String json) {
        return text("x" + json.replace("\"", ""));
    }

    private static String otherPayload(JwtText other, String token) {
        String foreign = other.signed(Signature.none());
        return foreign + token.substring(token.lastIndexOf('.') + 1);
    }

    private static String encrypted() {
        String header = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"dir\",\"enc\":\"A128GCM\"}".getBytes(UTF_8));
        return header + "..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA";
    }

    /** Of the token of a sign-in. */
    public static List<TokenCase> ofSignIn(JwtText good, String secret, Instant now) {
        return signedHere(good, secret, now)
                .taken("type JWT", good.header("typ", text("JWT")))
                .taken("type jwt", good.header("typ", text("jwt")))
                .taken("type at+jwt", good.header("typ", text("at+jwt")))
                .taken("roles that the account has not", good.claim("roles", "[\"admin\"]"))
                .taken("no roles", good.without("roles"))
                .refused("type download+jwt", good.header("typ", text("download+jwt")))
                .refused("type pocketbase-auth+jwt", good.header("typ", text("pocketbase-auth+jwt")))
                .refused("type application/jwt", good.header("typ", text("application/jwt")))
                .needed("sub", "pwd_mark")
                .refused("a subject that is no name", good.claim("sub", text("../root")))
                .refused("no iat", good.without("iat"))
                .refused("iat null", good.claim("iat", "null"))
                .refused("iat as a text", good.claim("iat", text("x")))
                .taken("iat in the future", good.claim("iat", now.getEpochSecond() + 600))
                .cases;
    }

    /**
     * Of a token that stands in the address of a download.
     *
     * @param claims of this kind, without which it is none
     */
    public static List<TokenCase> ofAddress(JwtText good, String secret, Instant now, String... claims) {
        return ofKind(good, secret, now).refused("no iat", good.without("iat")).needed(claims).cases;
    }

    /** Of a token that a dialect gives; its holder and that one's mark are needed. */
    public static List<TokenCase> ofDialect(JwtText good, String secret, Instant now) {
        return ofKind(good, secret, now)
                .taken("no iat", good.without("iat"))
                .taken("no role, as earlier versions wrote it", good.without("holderRole"))
                .taken("the role that the holder had", good.claim("holderRole", text("viewer")))
                .needed("holder", "holderMark")
                .refused("lenders that are no list", good.claim("lenders", text("x")))
                .refused("a lender that no version wrote", good.claim("lenders", "[\"x\"]"))
                .refused("an issuer of earlier versions who is not there", good.claim("issuedBy", text("zoe")))
                .cases;
    }

    private static Table ofKind(JwtText good, String secret, Instant now) {
        return signedHere(good, secret, now)
                .refused("no type", good.withoutHeader("typ"))
                .refused("type JWT", good.header("typ", text("JWT")))
                .refused("type at+jwt", good.header("typ", text("at+jwt")))
                .refused("another kind's type", good.header("typ", text("other+jwt")));
    }

    /**
     * Of an identity provider's token: for the issuer {@code https://id.example} and the audience {@code holdfast}.
     *
     * @param now of the server's clock, give or take a few seconds
     */
    public static List<TokenCase> ofProvider(ProviderKeys keys, Instant now) {
        long second = now.getEpochSecond();
        JwtText good = ofPerson(now);
        JwtText ec = good.header("alg", text("ES256")).header("kid", text("ec"));
        JwtText pss = good.header("alg", text("PS256"));
        String token = good.signed(keys.rs(256));
        var stranger = new ProviderKeys();
        Table table = new Table(good, keys.rs(256));
        // First, as it does not last long.
        table.taken("over for less than the tolerance", good.claim("exp", second - 5));
        table.cases.add(new TokenCase("ES256 by the EC key", ec.signed(keys.es256()), true));
        table.cases.add(new TokenCase("PS256 by the RSA key", pss.signed(keys.ps256()), true));
        table.cases.add(new TokenCase("RS384", good.header("alg", text("RS384")).signed(keys.rs(384)), true));
        table.cases.add(new TokenCase("RS512", good.header("alg", text("RS512")).signed(keys.rs(512)), true));
        table.cases.add(new TokenCase(
                "PS256 by a key for it", pss.header("kid", text("pss")).signed(keys.ps256()), true));
        return table.taken("RS256 by the RSA key", good)
                .taken("no key id", good.withoutHeader("kid"))
                .taken("type JWT", good.header("typ", text("JWT")))
                .taken("type at+jwt", good.header("typ", text("at+jwt")))
                .taken("several audiences", good.claim("aud", "[\"other\",\"holdfast\"]"))
                .taken("no iat", good.without("iat"))
                .taken("valid in less than the tolerance", good.claim("nbf", second + 30))
                .taken("a right nbf", good.claim("nbf", second - 1))
                .taken("a role in Holdfast's own claim", good.without("roles").claim("holdfast_role", text("viewer")))
                .refused(
                        "alg none without a signature",
                        good.header("alg", text("none")).signed(Signature.none()))
                .refused("alg none with the signature", good.header("alg", text("none")))
                .refused("no signature", token.substring(0, token.lastIndexOf('.') + 1))
                .refused("another payload under the signature", otherPayload(good.claim("extra", "1"), token))
                .refused(
                        "HS256 with the public key as secret",
                        good.header("alg", text("HS256")).signed(Signature.secret(keys.publicBytes(), 256)))
                .refused(
                        "HS256 with the published secret",
                        good.header("alg", text("HS256"))
                                .header("kid", text("oct"))
                                .signed(Signature.secret(ProviderKeys.PUBLISHED_SECRET, 256)))
                .refused(
                        "HS512 with the published secret",
                        good.header("alg", text("HS512"))
                                .header("kid", text("oct"))
                                .signed(Signature.secret(ProviderKeys.PUBLISHED_SECRET, 512)))
                .refused("another key of that id", ec.signed(stranger.es256()))
                .refused("a foreign key id", good.header("kid", text("other")))
                .refused("a key id that is no text", good.header("kid", "7"))
                .refused("the key id of the EC key", good.header("kid", text("ec")))
                .refused("a key for encryption", good.header("kid", text("encrypting")))
                .refused("RS256 by a key for PS256", good.header("kid", text("pss")))
                .refused("ES384 by the EC key", ec.header("alg", text("ES384")).signed(keys.es256()))
                .refused(
                        "a key in the token",
                        ec.withoutHeader("kid")
                                .header("jwk", "{\"kty\":\"EC\",\"crv\":\"P-256\"," + stranger.ecMembers() + "}")
                                .signed(stranger.es256()))
                .refused("type download+jwt", good.header("typ", text("download+jwt")))
                .refused("type id_token", good.header("typ", text("id_token")))
                .refused(
                        "crit that nothing here knows",
                        good.header("crit", "[\"x\"]").header("x", "1"))
                .refused("no exp", good.without("exp"))
                .refused("exp null", good.claim("exp", "null"))
                .refused("exp as a text", good.claim("exp", text("" + (second + 60))))
                .refused("expired", good.claim("exp", second - 90))
                .refused("not yet valid", good.claim("nbf", second + 900))
                .refused("no iss", good.without("iss"))
                .refused("another iss", good.claim("iss", text("https://other.example")))
                .refused("an issuer with a slash", good.claim("iss", text("https://id.example/")))
                .refused("an issuer without its scheme", good.claim("iss", text("id.example")))
                .refused("an issuer over http", good.claim("iss", text("http://id.example")))
                .refused("an issuer that ends alike", good.claim("iss", text("https://evil.id.example")))
                .refused("the end of an issuer", good.claim("iss", text("example")))
                .refused("this server's issuer", good.claim("iss", text("holdfast")))
                .refused("no aud", good.without("aud"))
                .refused("another aud", good.claim("aud", text("other")))
                .refused("other audiences", good.claim("aud", "[\"other\",\"others\"]"))
                .refused("no audiences", good.claim("aud", "[]"))
                .refused("no sub", good.without("sub"))
                .refused("sub null", good.claim("sub", "null"))
                .refused("a blank sub", good.claim("sub", text(" ")))
                .refused("a sub with a line break", good.claim("sub", text("a\\nb")))
                .refused("a sub of 256 characters", good.claim("sub", text("a".repeat(256))))
                .taken("sub as a number", good.claim("sub", "7"))
                .refused("no role", good.without("roles"))
                .refused("roles that Holdfast has not", good.claim("roles", "[\"owner\",7]"))
                .refused("roles that are no list", good.claim("roles", "{\"admin\":true}"))
                .cases;
    }

    /** The members of a viewer's token, which need the key {@code rsa} and RS256. */
    public static JwtText ofPerson(Instant now) {
        return JwtText.of("RS256")
                .header("kid", text("rsa"))
                .claim("iss", text("https://id.example"))
                .claim("aud", text("holdfast"))
                .claim("sub", text("u1"))
                .claim("roles", "[\"viewer\"]")
                .claim("exp", now.getEpochSecond() + 600);
    }
}
