/** Domain values as messages of {@code holdfast.v1}, and messages as values. */
@NullMarked
package dev.holdfast.grpc.message;

import org.jspecify.annotations.NullMarked;
