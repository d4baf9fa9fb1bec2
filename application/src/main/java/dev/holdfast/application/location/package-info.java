/** Where the paths of the databases lead, and who has accepted that. */
@NullMarked
package dev.holdfast.application.location;

import org.jspecify.annotations.NullMarked;
