/** The contract that every log of operations passes. */
package dev.holdfast.application.operation;
