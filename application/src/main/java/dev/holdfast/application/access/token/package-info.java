/** Tokens of the server and of identity providers, as ports. */
@NullMarked
package dev.holdfast.application.access.token;

import org.jspecify.annotations.NullMarked;
