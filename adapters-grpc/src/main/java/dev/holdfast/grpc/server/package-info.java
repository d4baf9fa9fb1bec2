/**
 * Serves {@code holdfast.v1} over gRPC: the same use cases, codes and roles as the native REST API. {@link
 * dev.holdfast.grpc.server.GrpcServer} is the way in. Every call runs on a virtual thread of its own and may block.
 */
@NullMarked
package dev.holdfast.grpc.server;

import org.jspecify.annotations.NullMarked;
