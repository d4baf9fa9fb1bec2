/** What clients of other systems' APIs set there, and what nothing but those APIs asks for. */
@NullMarked
package dev.holdfast.application.settings;

import org.jspecify.annotations.NullMarked;
