@NullMarked
package dev.holdfast.rest.jobops;

import org.jspecify.annotations.NullMarked;
