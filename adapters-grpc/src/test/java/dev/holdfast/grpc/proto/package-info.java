/** Judges the protos by their descriptor set: how they are written, and that no client breaks. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.grpc.proto;
