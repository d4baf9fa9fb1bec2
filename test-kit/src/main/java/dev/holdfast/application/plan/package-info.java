/** The contract that every store of plans passes. */
@NullMarked
package dev.holdfast.application.plan;

import org.jspecify.annotations.NullMarked;
