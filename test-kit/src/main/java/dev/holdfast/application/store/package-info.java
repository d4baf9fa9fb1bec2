/** The contract that every store passes. */
@NullMarked
package dev.holdfast.application.store;

import org.jspecify.annotations.NullMarked;
