@NullMarked
package dev.holdfast.dialects.jobops;

import org.jspecify.annotations.NullMarked;
