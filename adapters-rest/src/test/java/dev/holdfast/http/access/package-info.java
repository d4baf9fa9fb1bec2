/** Who gets in, tried over real sockets. */
@NullMarked
package dev.holdfast.http.access;

import org.jspecify.annotations.NullMarked;
