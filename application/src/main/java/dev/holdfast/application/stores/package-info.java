/** What an admin decides about the stores. */
@NullMarked
package dev.holdfast.application.stores;

import org.jspecify.annotations.NullMarked;
