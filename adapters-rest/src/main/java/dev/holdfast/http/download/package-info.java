/** A backup's bytes over HTTP: conditions, ranges and headers, whichever API they are asked for through. */
@NullMarked
package dev.holdfast.http.download;

import org.jspecify.annotations.NullMarked;
