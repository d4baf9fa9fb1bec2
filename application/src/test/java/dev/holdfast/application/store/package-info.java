/** The contract that every store passes. */
package dev.holdfast.application.store;
