/** The native API's calls for plans, restore drills and previews. */
@NullMarked
package dev.holdfast.rest.v1.plan;

import org.jspecify.annotations.NullMarked;
