/** Problems and unexpected exceptions as statuses of gRPC with their details. */
@NullMarked
package dev.holdfast.grpc.problem;

import org.jspecify.annotations.NullMarked;
