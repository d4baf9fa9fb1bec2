@NullMarked
package dev.holdfast.http.dialect;

import org.jspecify.annotations.NullMarked;
