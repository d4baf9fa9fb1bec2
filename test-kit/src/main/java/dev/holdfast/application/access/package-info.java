/** The contract that every keeper of accounts passes. */
@NullMarked
package dev.holdfast.application.access;

import org.jspecify.annotations.NullMarked;
