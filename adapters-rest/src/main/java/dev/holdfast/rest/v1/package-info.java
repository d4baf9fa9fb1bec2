/** The native API, {@code /api/v1}: its calls and its JSON. */
@NullMarked
package dev.holdfast.rest.v1;

import org.jspecify.annotations.NullMarked;
