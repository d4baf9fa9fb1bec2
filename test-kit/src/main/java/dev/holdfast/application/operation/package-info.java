/** The contract that every log of operations passes. */
@NullMarked
package dev.holdfast.application.operation;

import org.jspecify.annotations.NullMarked;
