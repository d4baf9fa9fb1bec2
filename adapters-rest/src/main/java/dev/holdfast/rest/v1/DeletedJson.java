package dev.holdfast.rest.v1;

import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;

@Serdeable
@Schema(name = "DeleteResponse")
record DeletedJson(@Schema(example = "deleted") String status) {}
