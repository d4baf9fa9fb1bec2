/** Clients that send more than a server should have to read. */
@NullMarked
package dev.holdfast.endtoend.floods;

import org.jspecify.annotations.NullMarked;
