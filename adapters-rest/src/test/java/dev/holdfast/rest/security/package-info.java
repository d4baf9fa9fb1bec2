/** Who gets in, tried over real sockets. */
@NullMarked
package dev.holdfast.rest.security;

import org.jspecify.annotations.NullMarked;
