/** The contract that every keeper of accounts passes. */
package dev.holdfast.application.access;
