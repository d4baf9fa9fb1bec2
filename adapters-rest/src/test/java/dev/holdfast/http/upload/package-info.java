@NullMarked
package dev.holdfast.http.upload;

import org.jspecify.annotations.NullMarked;
