/** What requests say in their addresses and headers, whichever API they are for. */
@NullMarked
package dev.holdfast.http.request;

import org.jspecify.annotations.NullMarked;
