/** The running server: the bindings of adapters to ports, and the order in which its parts start and stop. */
@NullMarked
package dev.holdfast.bootstrap.server;

import org.jspecify.annotations.NullMarked;
