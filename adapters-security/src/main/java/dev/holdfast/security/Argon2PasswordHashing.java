package dev.holdfast.security;

import dev.holdfast.application.access.PasswordHashing;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Argon2id, written as a PHC string: {@code $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>}. A password is compared with
 * the parameters that its own hash names, so the ones for new hashes may be raised at any time.
 */
public final class Argon2PasswordHashing implements PasswordHashing {
    private static final int MEMORY_KIB = 19 * 1024;
    private static final int ITERATIONS = 2;
    private static final int LANES = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    /** Two times 19 MiB fit beside all else into a heap of 128 MiB. */
    private static final int AT_ONCE = 2;

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);
    /** Whoever can write hashes can write any; still none of them may use up the heap. */
    private static final int MOST_MEMORY_KIB = 64 * 1024;

    private static final int MOST_ITERATIONS = 16;

    private static final Pattern SHAPE =
            Pattern.compile("\\$argon2id\\$v=19\\$m=([0-9]{1,7}),t=([0-9]{1,3}),p=([0-9]{1,2})"
                    + "\\$([A-Za-z0-9+/]{11,64})\\$([A-Za-z0-9+/]{22,128})");

    private final RandomGenerator random;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);

    private Argon2PasswordHashing(RandomGenerator random) {
        this.random = random;
    }

    /** @param random a cryptographically strong one, for salts */
    public static PasswordHashing using(RandomGenerator random) {
        return new Argon2PasswordHashing(random);
    }

    @Override
    public String hash(String password) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        byte[] hash = inTurn(() -> derive(password, salt, MEMORY_KIB, ITERATIONS, LANES, HASH_BYTES));
        var base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(MEMORY_KIB, ITERATIONS, LANES, base64.encodeToString(salt), base64.encodeToString(hash));
    }

    @Override
    public boolean matches(String password, String text) {
        Matcher parts = SHAPE.matcher(text);
        if (!parts.matches()) {
            return false;
        }
        int memory = Integer.parseInt(parts.group(1));
        int iterations = Integer.parseInt(parts.group(2));
        int lanes = Integer.parseInt(parts.group(3));
        if (lanes < 1
                || memory < 8 * lanes
                || memory > MOST_MEMORY_KIB
                || iterations < 1
                || iterations > MOST_ITERATIONS) {
            return false;
        }
        byte[] salt;
        byte[] expected;
        try {
            salt = Base64.getDecoder().decode(parts.group(4));
            expected = Base64.getDecoder().decode(parts.group(5));
        } catch (IllegalArgumentException _) {
            return false; // of Base64's letters, but not Base64
        }
        return MessageDigest.isEqual(
                expected, inTurn(() -> derive(password, salt, memory, iterations, lanes, expected.length)));
    }

    private byte[] inTurn(Supplier<byte[]> derivation) {
        try {
            if (!turns.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new ProblemException(new Problem.TooManyAttempts(ASK_AGAIN));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(new Problem.TooManyAttempts(ASK_AGAIN), e);
        }
        try {
            return derivation.get();
        } finally {
            turns.release();
        }
    }

    private static byte[] derive(String password, byte[] salt, int memory, int iterations, int lanes, int length) {
        var generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memory)
                .withIterations(iterations)
                .withParallelism(lanes)
                .withSalt(salt)
                .build());
        byte[] hash = new byte[length];
        generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
        return hash;
    }
}
