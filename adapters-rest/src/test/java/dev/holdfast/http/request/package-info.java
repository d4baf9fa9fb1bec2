@NullMarked
package dev.holdfast.http.request;

import org.jspecify.annotations.NullMarked;
