/** What is done with one database without anybody asking. */
@NullMarked
package dev.holdfast.domain.plan;

import org.jspecify.annotations.NullMarked;
