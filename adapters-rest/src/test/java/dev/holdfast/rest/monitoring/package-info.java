/** What watches over the server, over real sockets. */
@NullMarked
package dev.holdfast.rest.monitoring;

import org.jspecify.annotations.NullMarked;
