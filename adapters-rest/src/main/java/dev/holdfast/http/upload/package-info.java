/** Takes in request bodies of any size: as a stream, with backpressure down to the socket, within bounds. */
@NullMarked
package dev.holdfast.http.upload;

import org.jspecify.annotations.NullMarked;
