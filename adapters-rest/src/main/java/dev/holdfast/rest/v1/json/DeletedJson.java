package dev.holdfast.rest.v1.json;

import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;

@Serdeable
@Schema(name = "DeleteResponse")
public record DeletedJson(@Schema(example = "deleted") String status) {}
