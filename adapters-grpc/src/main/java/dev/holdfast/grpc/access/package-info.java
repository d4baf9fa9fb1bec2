/**
 * The caller of a gRPC call: credentials from its metadata, the role that a method needs, and the check that the
 * account still has it.
 */
@NullMarked
package dev.holdfast.grpc.access;

import org.jspecify.annotations.NullMarked;
