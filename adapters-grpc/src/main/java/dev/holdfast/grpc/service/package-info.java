/** The services of {@code holdfast.v1}, and the flow control of their streams. */
@NullMarked
package dev.holdfast.grpc.service;

import org.jspecify.annotations.NullMarked;
