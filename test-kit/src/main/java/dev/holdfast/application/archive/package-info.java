@NullMarked
package dev.holdfast.application.archive;

import org.jspecify.annotations.NullMarked;
