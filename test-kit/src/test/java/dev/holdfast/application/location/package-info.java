/** Where the paths of databases lead. */
@NullMarked
package dev.holdfast.application.location;

import org.jspecify.annotations.NullMarked;
