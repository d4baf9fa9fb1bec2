package dev.holdfast.rest.v1.backup;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.application.access.token.AccessTokens;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;

@Serdeable
@JsonPropertyOrder({"token", "expires_in"})
@Schema(name = "DownloadTokenResponse", description = "Opens one backup for a short time.")
record DownloadTokenJson(
        String token,

        @Schema(name = "expires_in", description = "Seconds from now on.", example = "300") @JsonProperty("expires_in")
        long expiresIn) {
    static DownloadTokenJson of(AccessTokens.Issued issued) {
        return new DownloadTokenJson(issued.token(), issued.expiresInSeconds());
    }

    /** Leaves the secret out. */
    @Override
    public String toString() {
        return "DownloadTokenJson[expiresIn=" + expiresIn + "]";
    }
}
