package dev.holdfast.grpc.access;

import dev.holdfast.application.access.token.Identification;
import java.util.Optional;

/**
 * Who may call.
 *
 * @param identification empty while access control is off, which opens everything to everybody who reaches the port
 */
public record GrpcAccess(Optional<Identification> identification) {}
