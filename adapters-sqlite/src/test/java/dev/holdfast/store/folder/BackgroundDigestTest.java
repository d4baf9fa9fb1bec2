package dev.holdfast.store.folder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Sha256;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class BackgroundDigestTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, -1, 2, -2, 7})
    void content_given_in_pieces_of_any_size_has_its_digest(int beyondThreePieces) throws Exception {
        byte[] content = new byte[Math.max(0, 3 * BackgroundDigest.PIECE_BYTES + beyondThreePieces)];
        var random = new Random(beyondThreePieces);
        random.nextBytes(content);
        try (var digest = new BackgroundDigest()) {
            byte[] given = content.clone();
            for (int at = 0; at < given.length; ) {
                int length = Math.min(given.length - at, 1 + random.nextInt(300_000));
                digest.update(given, at, length);
                // The caller may use its array again at once.
                Arrays.fill(given, at, at + length, (byte) 0);
                at += length;
            }
            assertThat(digest.finish()).isEqualTo(Sha256.of(Sha256.newDigest().digest(content)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, BackgroundDigest.PIECE_BYTES - 1, BackgroundDigest.PIECE_BYTES})
    void small_content_has_its_digest_too(int size) throws Exception {
        try (var digest = new BackgroundDigest()) {
            digest.update(new byte[size], 0, size);
            assertThat(digest.finish()).isEqualTo(Sha256.of(Sha256.newDigest().digest(new byte[size])));
        }
    }
}
