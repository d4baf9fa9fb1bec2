/** The native API's calls for operations, and their events as streams. */
@NullMarked
package dev.holdfast.rest.v1.operation;

import org.jspecify.annotations.NullMarked;
