/** How every failure leaves over HTTP: as an RFC 9457 problem with a stable code. */
@NullMarked
package dev.holdfast.http.problem;

import org.jspecify.annotations.NullMarked;
