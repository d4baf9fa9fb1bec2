@NullMarked
package dev.holdfast.rest.upload;

import org.jspecify.annotations.NullMarked;
